import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";

import type { ModelServer } from "../support/model-server.ts";
import { startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";
import { unlimited } from "../support/start.ts";
import { folderWith } from "./engines.ts";

/** One step of the engine `asking`. The message is a list of them, as JSON. */
export type Step =
  | { say: string }
  | { custom: unknown }
  /** Appends a line to a file: a side effect that can be counted. */
  | { mark: string; file: string }
  /** Asks with `interrupt()`, and says the answer. */
  | { ask: unknown }
  /** Says the hash of a prompt. */
  | { prompt: string }
  /** Says what it remembers. */
  | { recall: true }
  /** Asks for permission. Anything but "yes" ends the turn. */
  | { permit: string }
  /** Asks with so many characters. */
  | { big: number }
  /** Asks two questions in one node, one after the other. */
  | { twice: [unknown, unknown] }
  /** Asks several questions in parallel. The file gets a line for each answer. */
  | { all: unknown[]; file: string }
  /** A call of a tool. Its function appends a line to `file`, and ends once the file `until` exists. */
  | { tool: string; file: string; until?: string; repeatable?: boolean; fails?: boolean };

/** A graph with checkpoints in the turn's saver, which talks to the host itself. It reads its steps from the message, so that tests can write them. */
const graph = `import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { Command, END, interrupt, START, Send, StateGraph } from "@langchain/langgraph";
import { z } from "zod";

import { type TurnRuntime, turn } from "./host.ts";
import { asEngine, type EngineStateValue, engine } from "./state.ts";

const State = z.object({ steps: z.array(z.any()), at: z.number().default(0), text: z.string().default(""), question: z.any().optional() });
type Work = z.infer<typeof State>;

async function work({ steps, at, text }: Work, runtime: TurnRuntime) {
  const { host } = turn(runtime);
  let said = "";
  const say = (piece: string) => { said += piece; host.delta(piece); };
  const step = steps[at];
  if (step === undefined) return new Command({ goto: END });
  if (step.all) return new Command({ update: { at: at + 1 }, goto: step.all.map((question: unknown) => new Send("one", { steps, at, text, question })) });
  if (step.say) say(step.say);
  if (step.custom !== undefined) host.custom(step.custom);
  if (step.mark) appendFileSync(step.file, step.mark + "\\n");
  if (step.ask !== undefined) say(JSON.stringify(interrupt(step.ask)));
  if (step.prompt) say(host.prompts.get(step.prompt)?.hash + " ");
  if (step.recall) say(turn(runtime).memory.messages.map((message) => message.text).join(" / "));
  if (step.permit && interrupt(step.permit) !== "yes") { say("no"); return new Command({ update: { at: steps.length, text: text + said }, goto: "work" }); }
  if (step.big) say(interrupt("x".repeat(step.big)));
  if (step.twice) { const first = interrupt(step.twice[0]); const second = interrupt(step.twice[1]); say(JSON.stringify([first, second])); }
  if (step.tool) {
    const call = { key: "step " + at, tool_call_id: "call_0", tool_name: step.tool };
    const known = await host.toolCall({ ...call, stage: "started", input: { at }, repeatable: step.repeatable });
    if (!known) {
      appendFileSync(step.file, step.tool + "\\n");
      await host.toolCall({ ...call, stage: "output", delta: "working" });
      while (step.until && !existsSync(step.until)) await sleep(5);
    }
    if (step.fails) await host.toolCall({ ...call, stage: "failed", message: "It did not work." });
    else if (!known) await host.toolCall({ ...call, stage: "finished", output: "result of " + step.tool });
    say(step.tool + ".");
  }
  return new Command({ update: { at: at + 1, text: text + said }, goto: "work" });
}

async function one({ question, steps, at }: Work) {
  const answer = interrupt(question);
  appendFileSync(steps[at].file, JSON.stringify(answer) + "\\n");
  return {};
}

async function respond({ question }: EngineStateValue, runtime: TurnRuntime) {
  const { host } = turn(runtime);
  const thread_id = String(runtime.configurable?.turn_id);
  const saver = host.saver();
  const inner = new StateGraph({ state: State })
    .addNode("work", work, { ends: ["work", "one", END] })
    .addNode("one", one)
    .addEdge(START, "work")
    .addEdge("one", "work")
    .compile({ checkpointer: saver });
  const known = await saver.getTuple({ configurable: { thread_id } });
  const text = String(known?.checkpoint.channel_values.text ?? "");
  host.delta(text.slice(host.said.length)); // of nodes that finished before a crash
  const input = host.resume ? new Command({ resume: host.resume }) : known ? null : { steps: JSON.parse(question) };
  const { signal } = runtime;
  const config = { configurable: { thread_id }, context: runtime.context, signal, streamMode: "updates" as const, durability: "sync" as const };
  const requests: { interrupt_id: string; value: unknown }[] = [];
  // Not as a subgraph of the conversation, which would get the interrupts.
  await AsyncLocalStorageProviderSingleton.runWithConfig({}, async () => {
    for await (const update of await inner.stream(input as Parameters<typeof inner.stream>[0], config)) {
      const asked: { id: string; value: unknown }[] = Object(update).__interrupt__ ?? [];
      for (const { id, value } of asked) requests.push({ interrupt_id: id, value });
    }
  }, true);
  if (requests.length > 0) host.wait(requests);
  host.produced([], { turns: JSON.parse(question).length });
  return {};
}

export const asking = engine().addNode("respond", respond).addEdge(START, "respond").addEdge("respond", END).compile(asEngine);
`;

/** A graph of LangGraph's own: it asks before it calls a tool. The message is the tool's file. */
const approving = `import { appendFileSync } from "node:fs";
import { AIMessage, tool } from "langchain";
import { Command, END, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { z } from "zod";

type State = typeof MessagesAnnotation.State;

const effect = tool(({ file }) => { appendFileSync(file, "effect\\n"); return "it happened"; },
  { name: "effect", description: "Has an effect.", schema: z.object({ file: z.string() }) });
const note = tool(({ file }) => { appendFileSync(file + "-all", "note\\n"); return "noted"; },
  { name: "note", description: "Notes something.", schema: z.object({ file: z.string() }) });

function plan({ messages }: State) {
  const args = { file: messages.at(-1)!.text };
  const call = (name: string) => ({ id: crypto.randomUUID(), name, args, type: "tool_call" as const });
  return { messages: [new AIMessage({ content: "May I?", tool_calls: [call("note"), call("effect")] })] };
}
function approve() {
  return new Command({ goto: interrupt("May I?") === "yes" ? "tools" : "refused" });
}

export const approves = new StateGraph(MessagesAnnotation)
  .addNode("plan", plan)
  .addNode("approve", approve, { ends: ["tools", "refused"] })
  .addNode("tools", new ToolNode([effect, note]))
  .addNode("done", () => ({ messages: [new AIMessage("Done.")] }))
  .addNode("refused", () => ({ messages: [new AIMessage("As you like.")] }))
  .addEdge(START, "plan").addEdge("plan", "approve").addEdge("tools", "done").addEdge("done", END).addEdge("refused", END)
  .compile();
`;

const line = `  asking: { routedTo: "asking_conversation", when: "a person has to be asked", graph: asking },\n`;
const approvingLine = `  approving: { routedTo: "approving_conversation", when: "permission is needed", graph: stock(approves) },\n`;

interface Restart {
  signal?: NodeJS.Signals;
  hoursAhead?: number;
  env?: Record<string, string>;
}

export type Asking = Awaited<ReturnType<typeof startAsking>>;

/** A server in a process of its own whose engine `asking` does what the message says. `preloaded` are modules that it imports first. */
export async function startAsking(env: Record<string, string> = {}, preloaded: string[] = []) {
  const imports = `import { approves } from "./approving.ts";\nimport { asking } from "./asking.ts";\n`;
  const copy = folderWith({ asking: graph, approving }, imports, `${line}${approvingLine}`);
  const folder = mkdtempSync(join(tmpdir(), "asking-"));
  const model: ModelServer = await startModelServer();
  const settings = {
    OPENAI_BASE_URL: model.url,
    DATABASE_URL: `sqlite:${folder}/test.db`,
    MODEL: "m",
    ...unlimited,
    ...env,
  };
  let files = 0;
  const preloads = (modules: string[]) =>
    modules.flatMap((module) => ["--import", new URL(module, import.meta.url).pathname]);
  let running: SpawnedServer = await spawnServer(settings, copy, { nodeArguments: preloads(preloaded) });
  return {
    model,
    copy,
    /** Of the database. */
    folder,
    get server() {
      return running;
    },
    connect: () => running.connect(),
    /** The name of a file that does not exist yet. */
    file(): string {
      files += 1;
      return join(folder, `file-${files}`);
    },
    touch: (name: string) => writeFileSync(name, ""),
    /** How many rows these tables have. */
    rows(...tables: string[]): number[] {
      const database = new Database(`${folder}/test.db`, { readonly: true });
      try {
        const count = (table: string) => Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
        return tables.map(count);
      } finally {
        database.close();
      }
    },
    /** Appends a line to a prompt file. */
    changePrompt: (name: string, line: string) => appendFileSync(join(copy, `prompts/${name}.md`), `\n${line}\n`),
    /** Gives the node of the engine `approving` that asks another name, for the next server. */
    renameNode: () => writeFileSync(join(copy, "graphs/approving.ts"), approving.replaceAll('"approve"', '"permit"')),
    /** Takes the engine away from the next server. */
    withdraw(): void {
      const registry = join(copy, "graphs/engines.ts");
      writeFileSync(registry, readFileSync(registry, "utf8").replace(line, ""));
    },
    /** Ends the process, and starts another one over the same database, or with other settings. Its clock is ahead by so many hours. */
    async restart({ signal = "SIGKILL", hoursAhead = 0, env = {} }: Restart = {}) {
      await running.end(signal);
      const clock = { ...env, CLOCK_BEHIND_MS: String(-hoursAhead * 3_600_000) };
      const modules = hoursAhead === 0 ? preloaded : [...preloaded, "../faults/clock-behind.ts"];
      running = await spawnServer({ ...settings, ...clock }, copy, { nodeArguments: preloads(modules) });
    },
    async [Symbol.asyncDispose]() {
      await running.end("SIGKILL");
      await model.close();
      for (const used of [copy, folder]) rmSync(used, { recursive: true, force: true });
    },
  };
}

/** A message for the engine. */
export function script(...steps: Step[]) {
  return { content: JSON.stringify(steps), options: { engine: "asking" } };
}

/** The lines of a file; none if it does not exist. */
export function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}
