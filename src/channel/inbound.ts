import { z } from "zod";

import { conversationTypes } from "../../graphs/engines.ts";
import type { JsonObject as Data } from "../../graphs/host.ts";

const Id = z.string().min(1).max(128);

/** 16 KiB, as JSON. */
export const contextBytes = 16_384;

/** Any JSON object, taken as it is: zod's own records leave out a key called `__proto__`, which is data here. */
export const JsonObject = z
  .custom<Data>((value) => typeof value === "object" && value !== null && !Array.isArray(value), "must be an object")
  .meta({ type: "object" });

const BoundedObject = JsonObject.refine((data) => Buffer.byteLength(JSON.stringify(data)) <= contextBytes, {
  message: `must be at most ${contextBytes} bytes as JSON`,
});

export const contentCodePoints = 4_000;

/** Trimmed; its length is counted by the channel, for a longer one has a code of its own. */
const Content = z.string().trim().min(1, "must not be empty").describe("1 to 4000 Unicode code points after trimming.");

/** Sampling as clients may set it; unknown keys are dropped and never forwarded. */
export const LlmConfig = z
  .object({
    model: z.string().min(1).optional().describe("One of the server's MODELS."),
    temperature: z.number().min(0).max(2).optional(),
    max_tokens: z.number().int().min(1).max(32_768).optional(),
    top_p: z.number().min(0).max(1).optional(),
  })
  .describe("Model settings for this message; they come before the preferences and the prompt file.");

/** One of the registry's, which the handlers know: under `npm run dev` an engine may be added while clients are there. */
const ConversationType = z.string().max(128).meta({ enum: conversationTypes });

const MessageOptions = BoundedObject.and(
  z.object({
    engine: ConversationType.nullish().describe("Chooses the engine; without it the router does."),
    when_busy: z
      .enum(["queue", "replace", "reject"])
      .nullish()
      .describe("What to do while a turn runs; default: queue."),
  }),
).describe("Offered to the prompts, beside the two that the server itself understands.");

const TurnId = Id.describe("Of an earlier turn.");

/** Everything that a client may push: the schema is the validation, the type and the reference. Null for a key that may be left
 * out says that it is left out, but not within `llm_config`, where it may be a NaN that got lost in JSON. */
export const inbound = {
  message: z
    .object({
      content: Content,
      context: BoundedObject.nullish().describe("For this message only, over the conversation's context."),
      options: MessageOptions.nullish(),
      llm_config: LlmConfig.nullish(),
      id: Id.nullish().describe("The client's own message id: the same id again starts nothing."),
    })
    .describe("Sends a message; it becomes one turn."),
  new_conversation: z.object({}).describe("Begins a new session: turns are stopped, history and context are empty."),
  set_context: z
    .object({ context: BoundedObject.describe("Merged over the conversation's context; null removes a key.") })
    .describe("Changes the conversation's context."),
  typing: z.object({ typing: z.boolean() }).describe("Tells the other members that the user is typing."),
  stop: z
    .object({ turn_id: TurnId.nullish().describe("Default: the running turn.") })
    .describe("Ends a turn; what had arrived of its answer is kept."),
  regenerate: z
    .object({ turn_id: TurnId.nullish().describe("Default: the last turn."), llm_config: LlmConfig.nullish() })
    .describe(
      "Answers a turn's message again, from the state before it; that turn and those after it leave the history.",
    ),
  edit: z.object({ turn_id: TurnId, content: Content }).describe("As regenerate, with new content."),
  feedback: z
    .object({
      turn_id: TurnId,
      score: z.number().min(-1).max(1),
      comment: z.string().max(2_000).nullish(),
      expected: ConversationType.nullish().describe("The engine that should have answered: an example for the router."),
    })
    .describe("Says how good a turn's answer was: kept with the turn, and sent to LangSmith where it is on."),
  get_history: z
    .object({
      limit: z.number().int().min(1).max(200).nullish().describe("Default: 50."),
      before: TurnId.nullish().describe("Only turns before this one."),
    })
    .describe("Reads the turns of this session, the newest last."),
} as const;

export type InboundEvent = keyof typeof inbound;
export type Inbound = { [Event in InboundEvent]: z.infer<(typeof inbound)[Event]> };

/** What a join may bring; everything is optional. A part that does not fit is left out with a warning, never refused. */
export const joinParams = {
  user_id: Id.refine((id) => id.isWellFormed(), "must be well-formed Unicode").describe(
    "Repeats the key's user, or names it where the key may name any.",
  ),
  preferences: BoundedObject.describe(
    "Sampling defaults and wishes such as language; unknown keys are offered to the prompts.",
  ),
  resume: z
    .object({ turn_id: TurnId, offset: z.number().int().min(0).nullish() })
    .describe("What this client has seen: the offset in the middle of a turn, none after its end."),
} as const;
