import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Client } from "../support/client.ts";
import type { CrashPoint } from "../support/crash-point.ts";
import { isLong } from "../support/size.ts";
import { type Asking, linesOf, script, startAsking } from "./asking-engine.ts";

let folder: string;
let asking: Asking;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "waiting-crash-"));
  asking = await startAsking({ CRASH_FILE: join(folder, "point") }, ["../support/crash-point.ts"]);
});

afterAll(async () => {
  await asking[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const begin = "commit: .*UPDATE turns SET status = 'waiting'";
const answer = "commit: .*UPDATE waits SET wait = .*UPDATE turns SET status = 'queued'";
const toolStart = "commit: .*INSERT INTO tool_calls";
const toolEnd = "commit: .*UPDATE tool_calls SET has_ended";
const checkpoint = "commit: .*INTO graph_checkpoints";
const writes = "commit: .*INTO graph_writes";
const end = "commit: .*DELETE FROM waits";

/** `mayBreak`: the tool is running, so the turn ends as interrupted. */
const points: (CrashPoint & { name: string; mayBreak?: true })[] = [
  { name: "a wait is stored", when: "before", deed: begin, count: 1 },
  { name: "a wait is stored", when: "after", deed: begin, count: 1 },
  { name: "the second wait is stored", when: "before", deed: begin, count: 2 },
  { name: "members are asked", when: "before", deed: "send: .*input_requested", count: 1 },
  { name: "members are asked", when: "after", deed: "send: .*input_requested", count: 1 },
  { name: "an answer is stored", when: "before", deed: answer, count: 1 },
  { name: "an answer is stored", when: "after", deed: answer, count: 1 },
  { name: "members hear of the answer", when: "before", deed: "send: .*input_answered", count: 1 },
  { name: "a tool starts", when: "before", deed: toolStart, count: 1 },
  { name: "a tool starts", when: "after", deed: toolStart, count: 1, mayBreak: true },
  { name: "a tool ends", when: "before", deed: toolEnd, count: 1, mayBreak: true },
  { name: "a tool ends", when: "after", deed: toolEnd, count: 1 },
  ...[1, 2, 3, 4].map((count) => ({ name: `checkpoint ${count}`, when: "before" as const, deed: checkpoint, count })),
  ...[1, 3, 5].map((count) => ({ name: `writes ${count}`, when: "after" as const, deed: writes, count })),
  { name: "the turn ends", when: "before", deed: end, count: 1 },
  { name: "the turn ends", when: "after", deed: end, count: 1 },
];

/** `npm test` tries the one where a tool has run and its end is not stored yet. */
const tried = isLong ? points : points.filter(({ when, deed }) => when === "before" && deed === toolEnd);

/** Sends the message, answers every question with yes, and starts the server again whenever it has died. Returns the turn's entry in the history. */
async function driven(id: string, message: object) {
  for (let start = 1; start <= 5; start += 1) {
    const died = asking.server.exited.then(() => "died" as const);
    const client = await asking.connect().catch(() => undefined);
    const ended = client && (await Promise.race([died, untilEnd(client, id, message)]));
    client?.socket.disconnect();
    if (ended !== undefined && ended !== "died") return ended;
    await asking.restart();
  }
  throw new Error("The server died too often.");
}

async function untilEnd(client: Client, id: string, message: object) {
  const conversation = await client.join(id);
  const { response } = await conversation.push("message", { ...message, id: "m1" }, 60_000);
  for (;;) {
    const { turns = [] } = (await conversation.push("get_history", {}, 60_000)).response;
    const [turn] = turns;
    if (!turn || !["queued", "running", "waiting"].includes(turn.status)) return turn;
    if (turn.status !== "waiting") continue;
    const { requests } = await conversation.next("input_requested", () => true, 60_000);
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "yes" }));
    await conversation.push("respond", { turn_id: response.turn_id, responses }, 60_000);
  }
}

describe("a process that dies while a turn waits, or uses a tool", () => {
  it.each(tried)(
    "$when $name: no answer is asked for again, and no tool runs twice",
    { timeout: 60_000 },
    async ({ name, mayBreak, ...point }) => {
      const [file, mark, all] = [asking.file(), asking.file(), asking.file()];
      const message = script(
        { say: "So: " },
        { twice: ["1?", "2?"] },
        { mark: "once", file: mark },
        { all: ["a", "b"], file: all },
        { tool: "effect", file },
        { say: "done" },
      );
      writeFileSync(join(folder, "point"), JSON.stringify(point));
      const turn = await driven(`${point.when} ${name}`.replaceAll(" ", "-"), message);
      expect(existsSync(join(folder, "point"))).toBe(false); // it was reached
      expect(turn?.response).toBe(mayBreak ? 'So: ["yes","yes"]' : 'So: ["yes","yes"]effect.done');
      expect(turn).toMatchObject(
        mayBreak ? { status: "failed", metadata: { error: { code: "interrupted" } } } : { status: "completed" },
      );
      const isUntouched = mayBreak && point.when === "after"; // the start is on disk, the function has not run
      expect(linesOf(file)).toEqual(isUntouched ? [] : ["effect"]);
      expect(linesOf(mark)).toEqual(["once"]);
      expect(linesOf(all)).toEqual(['"yes"', '"yes"']);
      expect(asking.rows("graph_checkpoints", "graph_writes", "tool_calls", "waits")).toEqual([0, 0, 0, 0]);
    },
  );
});

/** Of a stock graph that asks, and then uses two tools at the same time. Its checkpoints are written only when they are of use. */
const stockPoints: (CrashPoint & { name: string })[] = [
  { name: "a wait is stored", when: "before", deed: begin, count: 1 },
  { name: "a wait is stored", when: "after", deed: begin, count: 1 },
  { name: "an answer is stored", when: "after", deed: answer, count: 1 },
  ...[1, 2, 3].map((count) => ({ name: `checkpoint ${count}`, when: "after" as const, deed: checkpoint, count })),
  ...[1, 2].map((count) => ({ name: `writes ${count}`, when: "before" as const, deed: writes, count })),
  { name: "tools start", when: "before", deed: toolStart, count: 1 },
  { name: "tools start", when: "after", deed: toolStart, count: 1 },
  { name: "tools end", when: "before", deed: toolEnd, count: 1 },
  { name: "tools end", when: "after", deed: toolEnd, count: 1 },
  { name: "the turn ends", when: "before", deed: end, count: 1 },
];

describe("a process that dies while a stock graph runs", () => {
  it.each(isLong ? stockPoints : stockPoints.slice(5, 6))(
    "$when $name: no node or tool runs twice",
    { timeout: 60_000 },
    async ({ name, ...point }) => {
      const file = asking.file();
      writeFileSync(join(folder, "point"), JSON.stringify(point));
      const message = { content: file, options: { engine: "approving" } };
      const turn = await driven(`stock-${point.when} ${name}`.replaceAll(" ", "-"), message);
      expect(existsSync(join(folder, "point"))).toBe(false); // it was reached
      const effects = [linesOf(file), linesOf(`${file}-all`)];
      if (name.startsWith("tools") && turn?.status === "failed") {
        expect(turn).toMatchObject({ response: "May I?", metadata: { error: { code: "interrupted" } } });
        expect(effects.every((lines) => lines.length <= 1)).toBe(true);
      } else {
        expect(turn).toMatchObject({ status: "completed", response: "May I?\n\nDone." });
        expect(effects).toEqual([["effect"], ["note"]]);
      }
      expect(asking.rows("graph_checkpoints", "graph_writes", "tool_calls", "waits")).toEqual([0, 0, 0, 0]);
    },
  );
});
