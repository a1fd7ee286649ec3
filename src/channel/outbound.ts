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
  cost_usd: z.number().optional().describe("In US dollars, where the prices of all models that were asked are known."),
});

const Metadata = z
  .looseObject({
    processing_time: z.number().describe("In ms."),
    model_used: z.string().describe("As the provider names it."),
    usage: Usage.describe("Over all model calls of the turn."),
    routing: Routing.optional(),
    prompts: z.record(z.string(), z.string()).describe("The prompts used, with their content hashes."),
    stopped: z.literal(true).optional(),
    truncated: z.literal(true).optional().describe("A length limit cut the answer."),
    replaces: z.string().optional().describe("The turn that this one answers again."),
    redelivered: z.literal(true).optional().describe("It was sent before."),
    fallback_model: z.string().optional(),
    warnings: Strings.optional().describe("What was left out, such as a step that failed."),
    steps: Strings.optional().describe("complex"),
    analysis_points: Strings.optional().describe("analysis"),
    recommendations: Strings.optional().describe("analysis"),
    generated_code: z.string().optional().describe("generation"),
    implementation_plan: Strings.optional().describe("generation"),
    root_cause: z.string().optional().describe("problem_solving"),
    solution_steps: Strings.optional().describe("problem_solving"),
    standalone_question: z.string().optional().describe("multi_step"),
  })
  .describe("How the answer came about, and what the engine found. A key without a value is left out.");

const Presence = z
  .record(z.string(), z.object({ metas: z.array(z.looseObject({ phx_ref: z.string(), online_at: Timestamp })) }))
  .describe("Phoenix Presence: by user id, one meta for each device.");

/** Everything that the server pushes. */
export const outbound = {
  thinking: z
    .looseObject({
      turn_id: TurnId,
      stage: z.enum(["accepted", "queued", "routed", "step_started", "step_finished", "answering"]),
      query: z.string().optional().describe("accepted, queued: the message"),
      conversation_type: ConversationType.optional().describe("routed"),
      routed_to: RoutedTo.optional().describe("routed"),
      routing: Routing.optional().describe("routed"),
      step: z.string().optional().describe("step_started, step_finished: its name"),
      detail: z.unknown().optional().describe("step_finished: its finding"),
      failed: z.literal(true).optional().describe("step_finished: it gave nothing, and the turn goes on without it"),
    })
    .describe("Where a turn stands."),
  response_delta: z
    .object({
      turn_id: TurnId,
      offset: z.number().int().describe("UTF-16 units of the answer before this piece."),
      text: z.string(),
      restart: z.literal(true).optional().describe("With offset 0: replaces everything shown of this turn."),
    })
    .describe("The next piece of an answer; pieces never overlap or leave a gap."),
  response: z
    .object({
      turn_id: TurnId,
      query: z.string(),
      response: z.string().describe("All deltas since the last restart, joined."),
      conversation_type: ConversationType.nullable().describe(
        "Null only for a turn that was stopped before it was routed.",
      ),
      routed_to: RoutedTo.nullable(),
      timestamp: Timestamp,
      metadata: Metadata,
    })
    .describe("Ends a turn with its answer."),
  error: z
    .object({
      message: z.string(),
      details: z.looseObject({ code: ErrorCode }),
      turn_id: TurnId.optional().describe("With it the error ends that turn; without it a push was refused."),
    })
    .describe("A refusal, or the end of a turn that failed."),
  conversation_reset: z.object({ session_id: z.string(), timestamp: Timestamp }).describe("A new session has begun."),
  context_updated: z
    .object({ context: JsonObject, timestamp: Timestamp })
    .describe("The conversation's context, whole."),
  presence_state: Presence.describe("After each join: who is here."),
  presence_diff: z.object({ joins: Presence, leaves: Presence }).describe("A device came or went."),
  typing: z.object({ user_id: z.string(), typing: z.boolean() }).describe("Another member types, or has stopped."),
} as const;

export type OutboundEvent = keyof typeof outbound;
export type Outbound = { [Event in OutboundEvent]: z.infer<(typeof outbound)[Event]> };

const Turn = z.object({
  turn_id: TurnId,
  query: z.string(),
  response: z.string(),
  conversation_type: ConversationType.nullable(),
  routed_to: RoutedTo.nullable(),
  timestamp: Timestamp.describe("When it ended, or was accepted where it has not."),
  status: z.enum(["queued", "running", "completed", "stopped", "failed"]),
  metadata: JsonObject,
});

const Acceptance = z.object({
  turn_id: TurnId,
  duplicate: z.boolean().describe("True when this message id was accepted before: nothing was started."),
  position: z.number().int().describe("Turns ahead of it; 0 when it starts now."),
});

const Replacement = Acceptance.extend({ replaces: z.string().describe("The turn that is answered again.") });

/** The `ok` replies, by the event they answer. A refusal is `Refusal`, with status `error`. */
export const replies = {
  phx_join: z.object({
    conversation_id: z.string(),
    session_id: z.string(),
    user_id: z.string(),
    last_turn_id: z.string().nullable(),
    running_turn: z.object({ turn_id: TurnId, query: z.string(), offset: z.number() }).nullable(),
    warnings: Strings.describe("What was left out of the preferences, and why."),
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
