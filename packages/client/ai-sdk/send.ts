import { ConversationError } from "../error.ts";
import type { AskOptions, Conversation } from "../handle.ts";
import { randomId } from "../random-id.ts";
import type { Turn } from "../turn.ts";
import type { ConversationUIMessage } from "./message.ts";
import type { Source } from "./stream.ts";
import type { Thread } from "./thread.ts";

/** What `sendMessage` and `regenerate` of `useChat` take as `body`. */
export type ConversationRequestBody = Pick<AskOptions, "context" | "options" | "llm_config">;

export interface Request {
  trigger: "submit-message" | "regenerate-message";
  messageId: string | undefined;
  messages: ConversationUIMessage[];
  attachments: NonNullable<AskOptions["attachments"]>;
  body?: ConversationRequestBody;
}

/** Sends what `useChat` asks for: a new question, an edited one, or a question again. */
export function send(conversation: Conversation, thread: Thread, request: Request): Source {
  const { trigger, messageId, messages, attachments, body } = request;
  const question = messages.at(-1);
  if (question?.role !== "user") throw invalid("The last message is not from the user.");
  const isNew = trigger === "submit-message" && messageId === undefined;
  const asked = isNew ? undefined : thread.turnOf(question.id);
  if (asked?.status === "sending") {
    if (textOf(question) !== asked.query) throw invalid("This message is still being sent.");
    return { key: asked.key };
  }
  const key = isNew ? question.id : randomId();
  thread.name(key, question.id);
  return { key, accepted: begin().accepted };

  function begin(): Turn {
    const text = textOf(question);
    const options = { ...body, ...(attachments.length > 0 && { attachments }), id: key };
    if (asked?.turn_id === undefined) {
      if (asked) conversation.store.dismiss(asked.key);
      return conversation.ask(text, options);
    }
    if (trigger === "submit-message") return conversation.edit(asked.turn_id, text, options);
    return conversation.regenerate({ ...options, turn_id: asked.turn_id });
  }
}

function textOf(message: ConversationUIMessage | undefined): string {
  const parts = message?.parts ?? [];
  return parts.flatMap((part) => (part.type === "text" ? part.text : [])).join("\n\n");
}

function invalid(message: string): ConversationError {
  return new ConversationError("invalid_payload", message);
}
