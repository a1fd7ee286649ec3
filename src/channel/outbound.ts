import { z } from "zod";

import { conversationTypes, engines } from "../../graphs/engines.ts";
import { Routing } from "../../graphs/routing.ts";
import { ErrorCode } from "../errors.ts";
import { JsonObject } from "./inbound.ts";

const TurnId = z.string().describe("The turn's id.");
const Timestamp = z.iso.datetime().describe("ISO 8601, in UTC.");
const Strings = z.array(z.string());
const ConversationType = z.enum(conversationTypes);
const RoutedTo = z.enum(conversationTypes.map((type) => engines[type].routedTo));

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

const Metadata = z
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
    warnings: Strings.optional().describe("What was left out, such as a step that failed."),
    ...findings.complex,
    ...findings.analysis,
    ...findings.generation,
    ...findings.problem_solving,
    ...findings.multi_step,
  })
  .describe("How the answer was made, and what the engine found. Keys without a value are left out.");

const Presence = z
  .record(z.string(), z.object({ metas: z.array(z.looseObject({ phx_ref: z.string(), online_at: Timestamp })) }))
  .describe("Phoenix Presence: by user id, one meta per device.");

const Operator = z.object({
  message: z.string().describe("What the model server said, without keys, or what was wrong with it."),
  help: z.string().optional().describe("What to do."),
  model: z.string().optional(),
  address: z.string().optional().describe("Which was asked, without its query."),
  status: z.number().optional().describe("Of HTTP."),
});

/** Everything that the server pushes. */
export const outbound = {
  thinking: z
    .looseObject({
      turn_id: TurnId,
      stage: z.enum(["accepted", "queued", "routed", "step_started", "step_finished", "answering"]),
      query: z.string().optional().describe("With `accepted` and `queued`: the message."),
      replaces: z
        .string()
        .optional()
        .describe("With `accepted` and `queued`: the turn that this one replaces. It and those after it have left."),
      conversation_type: ConversationType.optional().describe("With `routed`."),
      routed_to: RoutedTo.optional().describe("With `routed`."),
      routing: Routing.optional().describe("With `routed`."),
      step: z.string().optional().describe("With `step_started` and `step_finished`: the step's name."),
      detail: z.unknown().optional().describe("With `step_finished`: its result."),
      failed: z
        .literal(true)
        .optional()
        .describe("With `step_finished`: the step failed, and the turn continues without it."),
    })
    .describe("Progress of a turn."),
  response_delta: z
    .object({
      turn_id: TurnId,
      offset: z.number().int().describe("Length of the answer before this piece, in UTF-16 units."),
      text: z.string(),
      restart: z.literal(true).optional().describe("Comes with offset 0: discard everything shown of this turn."),
    })
    .describe("The next piece of an answer. Pieces neither overlap nor leave a gap."),
  reasoning_delta: z
    .object({
      turn_id: TurnId,
      offset: z.number().int().describe("Length of the reasoning before this piece, in UTF-16 units."),
      text: z.string(),
      restart: z.literal(true).optional().describe("Comes with offset 0: discard the reasoning shown of this turn."),
    })
    .describe(
      "The next piece of what the model tells about its thinking, up to 256 KiB. Not part of the answer. Only for members that joined with `preferences.include_reasoning: true`.",
    ),
  response: z
    .object({
      turn_id: TurnId,
      query: z.string(),
      response: z.string().describe("All deltas since the last restart, joined."),
      conversation_type: ConversationType.nullable().describe(
        "Null only if the turn was stopped before it was routed.",
      ),
      routed_to: RoutedTo.nullable(),
      timestamp: Timestamp,
      metadata: Metadata,
    })
    .describe("Ends a turn with its answer."),
  error: z
    .object({
      message: z.string(),
      details: z.looseObject({
        code: ErrorCode,
        operator: Operator.optional().describe(
          "Why the model failed. Only for who runs the server: members with the key in the link that it printed at its start.",
        ),
      }),
      turn_id: TurnId.optional().describe("Set if the error ends a turn. Without it, a push was refused."),
    })
    .describe("A push was refused, or a turn failed."),
  conversation_reset: z.object({ session_id: z.string(), timestamp: Timestamp }).describe("A new session has started."),
  context_updated: z
    .object({ context: JsonObject, timestamp: Timestamp })
    .describe("The whole context of the conversation, after a change."),
  presence_state: Presence.describe("Sent after each join: who is here."),
  presence_diff: z.object({ joins: Presence, leaves: Presence }).describe("A device joined or left."),
  typing: z
    .object({ user_id: z.string(), typing: z.boolean() })
    .describe("Another member has started or stopped typing."),
} as const;

export type OutboundEvent = keyof typeof outbound;

const Turn = z.object({
  turn_id: TurnId,
  query: z.string(),
  response: z.string(),
  conversation_type: ConversationType.nullable(),
  routed_to: RoutedTo.nullable(),
  timestamp: Timestamp.describe("When it ended, or when it was accepted if it has not ended."),
  status: z.enum(["queued", "running", "completed", "stopped", "failed"]),
  metadata: JsonObject,
  reasoning: z
    .string()
    .optional()
    .describe(
      "What the model told about its thinking. Only for members that joined with `preferences.include_reasoning: true`.",
    ),
});

const Acceptance = z.object({
  turn_id: TurnId,
  duplicate: z.boolean().describe("True if this message id was accepted before: nothing was started."),
  position: z.number().int().describe("Turns ahead of it in this conversation."),
});

const Replacement = Acceptance.extend({ replaces: z.string().describe("The turn that is replaced.") });

/** The `ok` replies, by the event they answer. A refusal is `Refusal`, with status `error`. */
export const replies = {
  phx_join: z.object({
    conversation_id: z.string(),
    session_id: z.string(),
    user_id: z.string(),
    last_turn_id: z.string().nullable(),
    running_turn: z.object({ turn_id: TurnId, query: z.string(), offset: z.number() }).nullable(),
    context: JsonObject.describe("The conversation's context, as `set_context` left it."),
    warnings: Strings.describe("Which join parameters were ignored, and why."),
  }),
  message: Acceptance,
  new_conversation: z.object({ session_id: z.string() }),
  set_context: z.object({ context: JsonObject }),
  typing: z.object({}),
  stop: z.object({ turn_id: z.string().nullable(), stopped: z.boolean() }),
  regenerate: Replacement,
  edit: Replacement,
  feedback: z.object({}),
  get_history: z.object({ turns: z.array(Turn), has_more: z.boolean() }),
} as const;

export type Replies = { [Event in keyof typeof replies]: z.infer<(typeof replies)[Event]> };

export const Refusal = z.object({ reason: ErrorCode, message: z.string(), details: JsonObject });
