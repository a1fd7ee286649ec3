import { z } from "zod";

import { conversationTypes } from "../../graphs/engines.ts";
import type { JsonObject as Data } from "../../graphs/host.ts";

const Id = z.string().min(1).max(128);

/** 16 KiB, as JSON. */
export const contextBytes = 16_384;

/** Any JSON object, unchanged. Not `z.record`, which drops a key called `__proto__`. */
export const JsonObject = z
  .custom<Data>((value) => typeof value === "object" && value !== null && !Array.isArray(value), "must be an object")
  .meta({ type: "object" });

const BoundedObject = JsonObject.refine((data) => Buffer.byteLength(JSON.stringify(data)) <= contextBytes, {
  message: `must be at most ${contextBytes} bytes as JSON`,
});

/** The length is checked in the handlers: a message with attachments may be empty, and one that is too long has its own error code. */
export const Content = z
  .string()
  .trim()
  .describe(
    "1 to `MESSAGE_MAX_CHARS` (4,000) Unicode code points after trimming. May be empty if there are attachments.",
  );

/** The model settings that clients may set. Unknown keys are dropped. */
export const LlmConfig = z
  .object({
    model: z.string().min(1).optional().describe("One of the server's MODELS."),
    temperature: z.number().min(0).max(2).optional(),
    max_tokens: z.number().int().min(1).max(32_768).optional(),
    top_p: z.number().min(0).max(1).optional(),
  })
  .describe("Model settings for this message. They override the preferences and the prompt file.");

/** Checked against the registry in the handlers, because engines can be added at runtime under `npm run dev`. */
export const EngineChoice = z.string().max(128).meta({ enum: conversationTypes });

const MessageOptions = BoundedObject.and(
  z.object({
    engine: EngineChoice.nullish().describe(
      "Chooses the engine. Without it, the router does. `assistant` is there only if the setting ENGINES switches it on.",
    ),
    when_busy: z
      .enum(["queue", "replace", "reject"])
      .nullish()
      .describe("What to do while another turn runs. Default: queue."),
  }),
).describe("The prompts get all of them as data; the server itself reads `engine` and `when_busy`.");

const Attachments = z
  .array(z.object({ file_id: Id.describe("From `POST /files`.") }))
  .refine((all) => all.length <= 10, "must have at most 10 entries")
  .refine((all) => new Set(all.map(({ file_id }) => file_id)).size === all.length, "must name each file once");

const TurnId = Id.describe("The id of an earlier turn.");

const MessageId = Id.describe("The client's own message id. Sending the same id again starts no second turn.");

/** Not checked here: a message does not fail for its trace. */
const Traceparent = z
  .custom<string>(() => true)
  .meta({ type: "string" })
  .nullish()
  .describe(
    "The client's span, as in W3C Trace Context: `00-<trace id>-<span id>-01`. With OpenTelemetry on, the turn's span becomes its child. Anything else is ignored.",
  );

/** What a replacement may change of the turn's message, beside its content. */
const Replacement = z.object({
  context: BoundedObject.nullish().describe(
    "For this message only; merged over the conversation's context. Default: that of the replaced turn.",
  ),
  options: MessageOptions.nullish().describe(
    "Default: those of the replaced turn. A running turn is always stopped, whatever `when_busy` says.",
  ),
  attachments: Attachments.nullish().describe(
    "Up to 10 files that the user has uploaded. Default: those of the replaced turn.",
  ),
  llm_config: LlmConfig.nullish(),
  id: MessageId.nullish(),
  traceparent: Traceparent,
});

/**
 * Everything that a client may push. Each schema is the validation, the type and the reference. Null means the same as leaving out an
 * optional key, except within `llm_config`, where it may come from a NaN.
 */
export const inbound = {
  message: z
    .object({
      content: Content,
      attachments: Attachments.nullish().describe("Up to 10 files that the user has uploaded."),
      context: BoundedObject.nullish().describe("For this message only; merged over the conversation's context."),
      options: MessageOptions.nullish(),
      llm_config: LlmConfig.nullish(),
      id: MessageId.nullish(),
      traceparent: Traceparent,
    })
    .describe("Sends a message, which becomes one turn."),
  new_conversation: z.object({}).describe("Starts a new session: ends all turns, and clears history and context."),
  set_context: z
    .object({ context: BoundedObject.describe("Merged into the conversation's context; null removes a key.") })
    .describe("Changes the conversation's context."),
  typing: z.object({ typing: z.boolean() }).describe("Tells the other members that the user is typing."),
  stop: z
    .object({ turn_id: TurnId.nullish().describe("Default: the running turn.") })
    .describe("Stops a turn. Its answer is the text written so far."),
  regenerate: Replacement.extend({ turn_id: TurnId.nullish().describe("Default: the last turn.") }).describe(
    "Answers a turn's message again, from the state before it. That turn and all later ones leave the history.",
  ),
  edit: Replacement.extend({ turn_id: TurnId, content: Content }).describe("Like `regenerate`, with new content."),
  respond: z
    .object({
      turn_id: TurnId,
      responses: z
        .array(
          z.object({
            interrupt_id: z.string().min(1).max(256),
            value: z.unknown().describe("The graph gets it as it is. What it expects depends on what it asked."),
          }),
        )
        .refine((all) => all.length >= 1 && all.length <= 50, "must have 1 to 50 entries")
        .refine(
          (all) => new Set(all.map(({ interrupt_id }) => interrupt_id)).size === all.length,
          "must answer each question once",
        )
        .describe("1 to 50, each for another question."),
    })
    .describe(
      "Answers what a waiting turn asked with `input_requested`. The turn goes on once all of its open questions have an answer. `not_found` if one of these questions is unknown or has an answer: the first answer counts.",
    ),
  feedback: z
    .object({
      turn_id: TurnId,
      score: z.number().min(-1).max(1),
      comment: z.string().max(2_000).nullish(),
      expected: EngineChoice.nullish().describe(
        "The engine that should have answered; an example for training the router.",
      ),
    })
    .describe("Rates a turn's answer. The rating is stored with the turn, and sent to LangSmith if tracing is on."),
  get_history: z
    .object({
      limit: z.number().int().min(1).max(200).nullish().describe("Default: 50."),
      before: TurnId.nullish().describe("Only turns before this one."),
    })
    .describe("Reads the turns of this session, oldest first."),
} as const;

export type InboundEvent = keyof typeof inbound;
export type Inbound = { [Event in InboundEvent]: z.infer<(typeof inbound)[Event]> };

/** The join parameters, all optional. `preferences` and `resume` are ignored with a warning if they are invalid. */
export const joinParams = {
  user_id: Id.refine(
    (id) => id.isWellFormed() && !id.includes("\0"),
    "must be well-formed Unicode without NUL",
  ).describe("The key's own user. A `key=*` names any user here."),
  preferences: BoundedObject.describe(
    "Defaults for `llm_config`, and wishes such as a language; the prompts get all other keys as data. With `include_reasoning: true` this member gets `reasoning_delta`, and `reasoning` in the history.",
  ),
  resume: z
    .object({ turn_id: TurnId, offset: z.number().int().min(0).nullish() })
    .describe("What this client has seen: a turn and an offset in its answer, or the turn alone if it saw the end."),
} as const;
