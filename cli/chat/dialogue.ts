import type { Conversation } from "../../packages/client/conversation.ts";
import { type Asked, answerTo, questionIn } from "./requests.ts";
import type { screen } from "./screen.ts";
import { typed } from "./typed.ts";

const help = "/new  new conversation    /context {json}  set the context    /stop  stop the answer    /quit";

export interface Console {
  input: NodeJS.ReadableStream;
  /** Undefined if nobody types. */
  terminal: NodeJS.WritableStream | undefined;
  isConnected: () => boolean;
}

/**
 * Reads messages until the input ends or the user quits. Handles them one at a time, except /stop and /quit typed in a
 * terminal. Messages that were not sent are printed when the program exits.
 */
export function dialogue(
  conversation: Conversation,
  { note, problem }: ReturnType<typeof screen>,
  { input, terminal, isConnected }: Console,
): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const unsent = new Set<{ content: string }>();
  let turns = Promise.resolve();
  let isOver = false;
  let isAsking = false;
  let isStopping = false;
  /** What a waiting turn asks. The next line that is typed answers the first. */
  let asked: Asked[] = [];

  function quit(): void {
    isOver = true;
    resolve();
  }

  async function ask(message: { content: string }): Promise<void> {
    isAsking = true;
    isStopping = false;
    if (!isConnected()) note("not connected: this is sent when the connection is back");
    try {
      const turn = conversation.ask(message.content);
      await turn.accepted.finally(() => unsent.delete(message));
      await turn.response.catch(() => {}); // `screen` prints failures
    } finally {
      isAsking = false;
    }
  }

  async function command(name: string, rest: string): Promise<void> {
    if (name === "new") await conversation.push("new_conversation", {});
    else if (name === "context") await setContext(rest);
    else if (name === "stop") await conversation.stop();
    else if (name === "quit") quit();
    else note(help);
  }

  async function setContext(json: string): Promise<void> {
    const { context } = await conversation.push("set_context", { context: JSON.parse(json || "{}") });
    note(`context: ${JSON.stringify(context)}`);
  }

  function requested(turn_id: string, requests: readonly Omit<Asked, "turn_id">[]): void {
    const isNew = ({ interrupt_id }: Omit<Asked, "turn_id">) =>
      !asked.some((other) => other.interrupt_id === interrupt_id);
    const added = requests.filter(isNew);
    asked = requests.map((request) => ({ ...request, turn_id }));
    for (const request of added) note(`? ${questionIn({ ...request, turn_id })}`);
    if (terminal) typing.prompt();
    else if (added.length > 0 && isAsking) {
      problem("The answer waits for a person, and nobody types here. It is stopped.");
      void take(() => command("stop", ""));
    }
  }

  async function answer(request: Asked, words: string): Promise<void> {
    const { turn_id, interrupt_id } = request;
    await conversation.respond(turn_id, [{ interrupt_id, value: answerTo(request, words) }]);
  }

  async function take(work: () => Promise<void>): Promise<void> {
    if (isOver) return;
    try {
      await work();
    } catch (error) {
      problem(error instanceof Error ? error.message : String(error));
    }
    if (!isAsking && !isOver) typing.prompt();
  }

  function heard(text: string): void {
    const content = text.trim();
    // A path such as /etc/hosts is no command, and neither is anything of several lines.
    const [, name, rest = ""] = /^\/(\w+)(?:[ \t]+(.*))?$/.exec(content) ?? [];
    const [question] = asked;
    if (question && content && !name) {
      asked = asked.slice(1);
      void take(() => answer(question, content));
    } else if (terminal && (name === "stop" || name === "quit")) void take(() => command(name, rest));
    else if (name) turns = turns.then(() => take(() => command(name, rest)));
    else if (content) keep({ content });
    else turns = turns.then(() => take(async () => {}));
  }

  function keep(message: { content: string }): void {
    unsent.add(message);
    turns = turns.then(() => take(() => ask(message)));
  }

  /** The first Ctrl+C stops the answer or discards what was typed, the second quits. */
  function interrupt(): void {
    if (isAsking && !isStopping) {
      isStopping = true;
      if (!isConnected()) note("Ctrl+C again quits");
      void take(() => command("stop", ""));
    } else if (!isAsking && typing.discard()) note("discarded; Ctrl+C again quits");
    else quit();
  }

  const typing = typed(input, terminal, { message: heard, interrupt, end: () => void turns.then(quit) });
  conversation.on("input_requested", ({ turn_id, requests }) => requested(turn_id, requests));
  conversation.on("input_answered", ({ interrupt_ids }) => {
    asked = asked.filter(({ interrupt_id }) => !interrupt_ids.includes(interrupt_id));
  });
  for (const event of ["response", "failed", "conversation_reset"] as const) conversation.on(event, () => (asked = []));
  process.on("SIGINT", interrupt);
  process.once("exit", () => {
    for (const { content } of unsent) problem(`not sent, or not confirmed: ${content}`);
  });
  if (terminal) note(help);
  typing.prompt();
  return ended;
}
