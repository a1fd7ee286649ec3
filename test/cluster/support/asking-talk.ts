import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type ProjectWithEngines, projectWith } from "../../stock/engines.ts";
import type { Answers } from "./answers.ts";
import { type Kind, type Member, member } from "./member.ts";
import { type Asked, seen, type Talk } from "./talk.ts";

/** A graph of LangGraph's own that asks a person before it calls a tool, and takes its time before and after. The message is the tool's file. */
const careful = `import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { AIMessage, tool } from "langchain";
import { Command, END, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { z } from "zod";

type State = typeof MessagesAnnotation.State;

const effect = tool(({ file }) => { appendFileSync(file, "effect\\n"); return "it happened"; },
  { name: "effect", description: "Has an effect.", schema: z.object({ file: z.string() }) });

async function plan({ messages }: State) {
  await sleep(300);
  const args = { file: messages.at(-1)!.text };
  return { messages: [new AIMessage({ content: "May I?", tool_calls: [{ id: crypto.randomUUID(), name: "effect", args, type: "tool_call" as const }] })] };
}
function approve() {
  return new Command({ goto: interrupt("May I?") === "yes" ? "tools" : END });
}
async function done() {
  await sleep(300);
  return { messages: [new AIMessage("Done.")] };
}

export const careful = new StateGraph(MessagesAnnotation)
  .addNode("plan", plan)
  .addNode("approve", approve, { ends: ["tools", END] })
  .addNode("tools", new ToolNode([effect]))
  .addNode("done", done)
  .addEdge(START, "plan").addEdge("plan", "approve").addEdge("tools", "done").addEdge("done", END)
  .compile();
`;

export interface AskingProject extends ProjectWithEngines {
  /** Of the files that the tool writes to. */
  effects: string;
}

/** A server whose engine `careful` asks before it does something. */
export function askingProject(): AskingProject {
  const project = projectWith(careful, { careful: "stock(added.careful)" });
  const effects = mkdtempSync(join(tmpdir(), "effects-"));
  return {
    folder: project.folder,
    effects,
    [Symbol.dispose]() {
      project[Symbol.dispose]();
      rmSync(effects, { recursive: true, force: true });
    },
  };
}

interface AskingOptions {
  url: string;
  id: string;
  kinds: Kind[];
  project: AskingProject;
  told: Answers;
  turns: number;
  until?: Promise<unknown>;
  isImpatient?: boolean;
  patienceMs: number;
}

/** Talks to the engine, answers what it asks, and waits until all members have seen the end of every turn. */
export async function askingTalk(options: AskingOptions): Promise<Talk> {
  const { url, id, kinds, project, told, turns, until, isImpatient, patienceMs } = options;
  const members: Member[] = [];
  for (const kind of kinds) members.push(await member({ url, topic: id, kind, isImpatient }));
  const [asker] = members;
  if (!asker) throw new Error("Nobody asks.");
  const asked: Asked[] = [];
  let isOver = until === undefined;
  void until?.then(() => {
    isOver = true;
  });
  while (asked.length < turns || !isOver) {
    const name = `${id}.${asked.length}`;
    const content = join(project.effects, name);
    told.expect(name, "May I?\n\nDone.");
    const at = performance.now();
    const turnId = await asker.send(name, content, { engine: "careful" });
    asked.push({ name, content, turnId, acceptedMs: performance.now() - at, mayFail: true });
    const requested = asker.conversation.next("input_requested", ({ turn_id }) => turn_id === turnId, patienceMs);
    const ended = asker.conversation.turn(turnId, patienceMs);
    const first = await Promise.race([requested, ended.then(() => undefined)]);
    requested.catch(() => {}); // a turn that was interrupted asks nothing
    if (first) {
      const responses = first.requests.map(({ interrupt_id }) => ({ interrupt_id, value: "yes" }));
      await respond(asker, { turn_id: turnId, responses });
    }
    await ended;
  }
  for (const turn of asked) for (const one of members) await seen(one, turn, patienceMs);
  const { turns: history } = await asker.ask("get_history", { limit: 200 });
  return { id, members, asked, history };
}

/** Answers until it is known that the answer has been taken. */
async function respond(asker: Member, payload: object): Promise<void> {
  for (;;) {
    const { status, response } = await asker.conversation.push("respond", payload, 2000);
    if (status === "ok" || (status === "error" && response.reason === "not_found")) return;
    if (status === "error" && response.reason !== "busy" && response.reason !== "draining")
      throw new Error(JSON.stringify(response));
  }
}

/** Tools that ran twice, or did not run in a turn that was completed. */
export function wrongEffects(talks: readonly Talk[], { effects }: AskingProject): string[] {
  return talks.flatMap(({ asked, history }) =>
    asked.flatMap(({ name, content, turnId }) => {
      if (!content.startsWith(effects)) return [];
      const isComplete = history.some(({ turn_id, status }) => turn_id === turnId && status === "completed");
      const runs = linesOf(content);
      return runs > 1 || (isComplete && runs === 0) ? [`the tool of ${name} ran ${runs} times`] : [];
    }),
  );
}

function linesOf(file: string): number {
  try {
    return readFileSync(file, "utf8").split("\n").length - 1;
  } catch {
    return 0;
  }
}
