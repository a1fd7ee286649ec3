import { z } from "zod";

import { conversationTypes, engines } from "../../graphs/engines.ts";
import { Source } from "../../graphs/files.ts";
import { Routing } from "../../graphs/routing.ts";

export const TurnId = z.string().describe("The turn's id.");
export const Timestamp = z.iso.datetime().describe("ISO 8601, in UTC.");
const Strings = z.array(z.string());
export const ConversationType = z.enum(conversationTypes);
export const RoutedTo = z.enum(conversationTypes.map((type) => engines[type].routedTo));

const Usage = z.object({
  input_tokens: z.number(),
  output_tokens: z.number(),
  llm_calls: z.number(),
  cost_usd: z.number().optional().describe("In US dollars. Missing if the price of a model is unknown."),
});

/** What each engine finds, beside the metadata that all answers have. */
export const findings = {
  complex: { steps: Strings.optional().describe("From the engine `complex`.") },
  analysis: {
    analysis_points: Strings.optional().describe("From the engine `analysis`."),
    recommendations: Strings.optional().describe("From the engine `analysis`."),
  },
  generation: {
    generated_code: z.string().optional().describe("From the engine `generation`."),
    implementation_plan: Strings.optional().describe("From the engine `generation`."),
  },
  problem_solving: {
    root_cause: z.string().optional().describe("From the engine `problem_solving`."),
    solution_steps: Strings.optional().describe("From the engine `problem_solving`."),
  },
  multi_step: { standalone_question: z.string().optional().describe("From the engine `multi_step`.") },
} as const;

export const Metadata = z
  .looseObject({
    processing_time: z.number().describe("In ms."),
    model_used: z.string().describe("As the provider names it."),
    usage: Usage.describe("Over all model calls of the turn."),
    routing: Routing.optional(),
    prompts: z.record(z.string(), z.string()).describe("The prompts used, by name, with their content hashes."),
    stopped: z.literal(true).optional().describe("The turn was stopped."),
    truncated: z.literal(true).optional().describe("A length limit cut the answer."),
    replaces: z.string().optional().describe("The turn that this one replaces."),
    redelivered: z.literal(true).optional().describe("This event was sent before."),
    fallback_model: z.string().optional().describe("The fallback model that answered."),
    tool_calls: z
      .array(
        z.object({
          tool_call_id: z.string(),
          tool_name: z.string(),
          input: z.unknown().optional(),
          output: z.unknown().optional(),
          message: z.string().optional().describe("Why the call failed."),
        }),
      )
      .optional()
      .describe(
        "From engines with tools. Inputs and outputs of more than 4,000 characters as JSON come as text, and cut.",
      ),
    sources: z
      .array(Source)
      .optional()
      .describe(
        "What the answer was made from, if the join had `preferences.include_sources: true`. `[1]` in the answer is the first of them.",
      ),
    warnings: Strings.optional().describe("What was left out, such as a step that failed."),
    ...findings.complex,
    ...findings.analysis,
    ...findings.generation,
    ...findings.problem_solving,
    ...findings.multi_step,
  })
  .describe("How the answer was made, and what the engine found. Keys without a value are left out.");
