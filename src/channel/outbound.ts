import { z } from "zod";

import { FileFacts } from "../../graphs/files.ts";
import { Routing } from "../../graphs/routing.ts";
import { ErrorCode } from "../errors.ts";
import { JsonObject } from "./inbound.ts";
import { ConversationType, Metadata, RoutedTo, Timestamp, TurnId } from "./metadata.ts";

const Strings = z.array(z.string());
const Attachments = z.array(FileFacts).optional().describe("The files of the turn's message, if it has any.");

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
      attachments: Attachments.describe("With `accepted` and `queued`: the files of the message, if it has any."),
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
  tool_call: z
    .object({
      turn_id: TurnId,
      tool_call_id: z.string(),
      tool_name: z.string(),
      stage: z.enum(["started", "output", "finished", "failed"]),
      input: z.unknown().optional().describe("With `started`."),
      delta: z.string().optional().describe("With `output`: the next piece of what the tool streams."),
      output: z.unknown().optional().describe("With `finished`."),
      message: z.string().optional().describe("With `failed`."),
    })
    .describe(
      "A tool is called. An input or output of more than 65,536 characters as JSON comes as text, and cut. Members that join later get the calls so far, with the pieces of a stream joined.",
    ),
  custom: z
    .object({ turn_id: TurnId, data: z.unknown().describe("At most 64 KiB as JSON.") })
    .describe("What a graph gave to LangGraph's `writer`. Not sent again to members that join later."),
  input_requested: z
    .object({
      turn_id: TurnId,
      requests: z.array(
        z.object({
          interrupt_id: z.string().describe("For `respond`. Unique within the turn."),
          value: z.unknown().describe("What the graph asks: the value of its `interrupt()`."),
        }),
      ),
    })
    .describe(
      "The turn waits for a person, with status `waiting`. Members that join later get it after the turn's text, with the questions that are still open.",
    ),
  input_answered: z
    .object({ turn_id: TurnId, interrupt_ids: Strings })
    .describe("Questions of a waiting turn have been answered, on this device or another."),
  response: z
    .object({
      turn_id: TurnId,
      query: z.string(),
      attachments: Attachments,
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
      attachments: Attachments,
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
  attachments: Attachments,
  response: z.string(),
  conversation_type: ConversationType.nullable(),
  routed_to: RoutedTo.nullable(),
  timestamp: Timestamp.describe("When it ended, or when it was accepted if it has not ended."),
  status: z.enum(["queued", "running", "waiting", "completed", "stopped", "failed"]),
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
    running_turn: z
      .object({ turn_id: TurnId, query: z.string(), attachments: Attachments, offset: z.number() })
      .nullable(),
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
  respond: z.object({ turn_id: z.string() }),
  feedback: z.object({}),
  get_history: z.object({ turns: z.array(Turn), has_more: z.boolean() }),
} as const;

export type Replies = { [Event in keyof typeof replies]: z.infer<(typeof replies)[Event]> };

export const Refusal = z.object({ reason: ErrorCode, message: z.string(), details: JsonObject });
