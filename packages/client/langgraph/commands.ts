import { ConversationError } from "../error.ts";
import type { AskOptions, Conversation } from "../handle.ts";
import { randomId } from "../random-id.ts";
import type { Turn } from "../turn.ts";
import { turnOfCheckpoint } from "./forks.ts";
import type { Questions } from "./questions.ts";
import type { Respond, RunStart } from "./wire.ts";

interface Question {
  id: string;
  content: string;
}

/** Starts what `submit` asks for: a message, an edit or another answer. Rejects with a `ConversationError`. */
export async function startRun(conversation: Conversation, questions: Questions, params: RunStart): Promise<Accepted> {
  const options = optionsOf(params);
  const checkpoint = params.config?.configurable?.checkpoint_id;
  const turnId = checkpoint === undefined ? undefined : turnOfCheckpoint(checkpoint);
  const [first, ...more] = questionsOf(params.input);
  if (!first) {
    if (turnId === undefined) throw new ConversationError("invalid_payload", "There is no message to send.");
    return await again(turnId);
  }
  let accepted = await (turnId === undefined ? ask(first) : edit(turnId, first));
  for (const question of more) accepted = await ask(question);
  return accepted;

  function ask({ id, content }: Question): Promise<Accepted> {
    questions.asks(id);
    return acceptedOrDismissed(conversation, id, conversation.ask(content, { ...options, id }));
  }

  function edit(turn_id: string, { id, content }: Question): Promise<Accepted> {
    questions.asks(id);
    return acceptedOrDismissed(conversation, id, conversation.edit(turn_id, content, { ...options, id }));
  }

  function again(turn_id: string): Promise<Accepted> {
    const id = randomId();
    const replaced = conversation.store.getSnapshot().turns.find((turn) => turn.turn_id === turn_id);
    if (replaced) questions.asksAgain(id, questions.idOf(replaced));
    return acceptedOrDismissed(conversation, id, conversation.regenerate({ ...options, id, turn_id }));
  }
}

/** Answers what the waiting turn asked. Rejects with a `ConversationError`. */
export async function respond({ store, respond: answer }: Conversation, params: Respond): Promise<void> {
  const turnId = store.getSnapshot().turns.find(({ status }) => status === "waiting")?.turn_id;
  if (turnId === undefined) throw new ConversationError("not_found", "No turn waits for an answer.");
  const given = "responses" in params ? params.responses : [params];
  await answer(
    turnId,
    given.map(({ interrupt_id, response }) => ({ interrupt_id, value: response })),
  );
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

/** The server validates them. */
function optionsOf({ config, multitaskStrategy }: RunStart): AskOptions {
  const { context, options, llm_config, attachments } = (config?.configurable ?? {}) as AskOptions;
  const when_busy = multitaskStrategy === undefined ? undefined : whenBusy[multitaskStrategy];
  return { context, llm_config, attachments, options: when_busy ? { ...options, when_busy } : options };
}

const whenBusy: Record<string, "replace" | "reject" | undefined> = {
  interrupt: "replace",
  rollback: "replace",
  reject: "reject",
};

function questionsOf(input: unknown): Question[] {
  const messages = typeof input === "object" && input !== null && "messages" in input ? input.messages : undefined;
  if (messages === undefined || messages === null) return [];
  return (Array.isArray(messages) ? messages : [messages]).map(questionOf);
}

/** A string, or a message in LangChain's or OpenAI's format. */
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
