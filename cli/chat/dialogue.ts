import type { Conversation } from "../../packages/client/conversation.ts";
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
    if (terminal && (name === "stop" || name === "quit")) void take(() => command(name, rest));
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
  process.on("SIGINT", interrupt);
  process.once("exit", () => {
    for (const { content } of unsent) problem(`not sent, or not confirmed: ${content}`);
  });
  if (terminal) note(help);
  typing.prompt();
  return ended;
}
