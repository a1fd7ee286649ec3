import { ConversationError } from "../error.ts";
import type { AskOptions, Conversation } from "../handle.ts";
import type { Turn } from "../turn.ts";
import { turnOfCheckpoint } from "./forks.ts";
import type { Questions } from "./questions.ts";
import type { RunStart } from "./wire.ts";

interface Question {
  id: string;
  content: string;
}

/** Starts what `submit` asks for: a message, an edit or another answer. Rejects with a `ConversationError`. */
export async function startRun(conversation: Conversation, questions: Questions, params: RunStart): Promise<Accepted> {
  const asked = questionsOf(params.input);
  const options = optionsOf(params);
  const checkpoint: unknown = params.config?.configurable?.checkpoint_id;
  const turnId = typeof checkpoint === "string" ? turnOfCheckpoint(checkpoint) : undefined;
  const [first, ...more] = asked;
  if (!first && turnId === undefined) throw new ConversationError("invalid_payload", "There is no message to send.");
  const accepted = first
    ? await begin(first, (id) =>
        turnId === undefined ? ask(first) : conversation.edit(turnId, first.content, { ...options, id }),
      )
    : await again(turnId ?? "");
  let last = accepted;
  for (const question of more) last = await begin(question, () => ask(question));
  return last;

  function ask({ id, content }: Question): Turn {
    return conversation.ask(content, { ...options, id });
  }

  function begin({ id }: Question, start: (id: string) => Turn, questionId = id): Promise<Accepted> {
    questions.asks(id, questionId);
    return acceptedOrDismissed(conversation, id, start(id));
  }

  function again(turn_id: string): Promise<Accepted> {
    const id = randomId();
    const replaced = conversation.store.getSnapshot().turns.find((turn) => turn.turn_id === turn_id);
    const questionId = replaced ? questions.idOf(replaced) : id;
    return begin({ id, content: "" }, () => conversation.regenerate({ ...options, id, turn_id }), questionId);
  }
}

export type Accepted = Awaited<Turn["accepted"]>;

/** The hook keeps a refused message itself, and shows the error. */
async function acceptedOrDismissed(conversation: Conversation, key: string, turn: Turn): Promise<Accepted> {
  try {
    return await turn.accepted;
  } catch (error) {
    conversation.store.dismiss(key);
    throw error;
  }
}

function optionsOf({ config, ...params }: RunStart): AskOptions {
  const { context, options, llm_config } = config?.configurable ?? {};
  const strategy = "multitaskStrategy" in params ? params.multitaskStrategy : undefined;
  const when_busy =
    strategy === "interrupt" || strategy === "rollback" ? "replace" : strategy === "reject" ? "reject" : undefined;
  return { context, llm_config, options: when_busy ? { ...options, when_busy } : options };
}

function questionsOf(input: unknown): Question[] {
  const messages = typeof input === "object" && input !== null && "messages" in input ? input.messages : undefined;
  if (messages === undefined || messages === null) return [];
  return (Array.isArray(messages) ? messages : [messages]).map(questionOf);
}

/** A string, or a message of LangChain or of OpenAI. */
function questionOf(message: unknown): Question {
  if (typeof message === "string") return { id: randomId(), content: message };
  const { type, role, id, content } = message as Record<string, unknown>;
  if (!["human", "user"].includes(String(type ?? role))) {
    throw new ConversationError("invalid_payload", "Only messages of a person can be sent.");
  }
  return { id: typeof id === "string" ? id : randomId(), content: textOf(content) };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const blocks: { type?: string; text?: string }[] = Array.isArray(content) ? content : [];
  if (blocks.length === 0 || blocks.some(({ type }) => type !== "text")) {
    throw new ConversationError("invalid_payload", "Only text can be sent.");
  }
  return blocks.map(({ text }) => text).join("");
}

/** `crypto.randomUUID` is missing on pages over plain HTTP. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
