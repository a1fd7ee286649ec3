import { createInterface } from "node:readline";

import type { Conversation } from "../../packages/client/conversation.ts";
import type { screen } from "./screen.ts";

const help = "/new  new conversation    /context {json}  set the context    /stop  stop the answer    /quit";

/** Reads lines until the input ends or the user quits. Handles them one at a time, except /stop and /quit typed in a terminal. */
export function dialogue(conversation: Conversation, { note, problem }: ReturnType<typeof screen>): Promise<void> {
  const { stdin: input, stdout: output } = process;
  const lines = createInterface(input.isTTY ? { input, output, prompt: "› " } : { input });
  const { promise: ended, resolve: quit } = Promise.withResolvers<void>();
  let turns = Promise.resolve();
  let isAsking = false;
  let isStopping = false;

  async function ask(content: string): Promise<void> {
    isAsking = true;
    isStopping = false;
    try {
      const turn = conversation.ask(content);
      await turn.accepted;
      await turn.response.catch(() => {}); // `screen` prints failures
    } finally {
      isAsking = false;
    }
  }

  async function run(line: string): Promise<void> {
    const [, command, rest = ""] = /^\/(\w+)\s*(.*)$/.exec(line) ?? [];
    if (command === "new") await conversation.push("new_conversation", {});
    else if (command === "context") await setContext(rest);
    else if (command === "stop") await conversation.stop();
    else if (command === "quit") quit();
    else if (command) note(help);
    else if (line) await ask(line);
  }

  async function setContext(json: string): Promise<void> {
    const { context } = await conversation.push("set_context", { context: JSON.parse(json || "{}") });
    note(`context: ${JSON.stringify(context)}`);
  }

  async function take(line: string): Promise<void> {
    try {
      await run(line.trim());
    } catch (error) {
      problem(error instanceof Error ? error.message : String(error));
    }
    if (!isAsking) prompt();
  }

  function prompt(): void {
    if (input.isTTY) lines.prompt();
  }

  /** The first Ctrl+C stops the answer, the second quits. */
  function interrupt(): void {
    if (!isAsking || isStopping) {
      quit();
      return;
    }
    isStopping = true;
    void take("/stop");
  }

  lines.on("line", (line) => {
    if (input.isTTY && /^\/(stop|quit)\b/.test(line)) void take(line);
    else turns = turns.then(() => take(line));
  });
  lines.on("close", () => void turns.then(quit));
  lines.on("SIGINT", interrupt);
  process.on("SIGINT", interrupt);
  if (input.isTTY) note(help);
  prompt();
  return ended;
}
