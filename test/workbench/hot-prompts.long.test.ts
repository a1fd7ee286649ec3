import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, it } from "vitest";

import { figures } from "../reliability/support.ts";
import { start } from "../support/start.ts";

const folder = mkdtempSync(join(tmpdir(), "prompts-"));
cpSync("prompts", folder, { recursive: true });
const server = await start({
  PROMPTS_DIR: folder,
  RATE_LIMIT_MESSAGES: "0",
  RATE_LIMIT_PUSHES: "0",
  RATE_LIMIT_JOINS: "0",
});
const client = await server.connect();
afterAll(async () => {
  await client.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const path = (name: string) => join(folder, `${name}.md`);
const texts = new Map(
  ["simple", "complex.outline", "complex.reason", "complex.answer"].map((name) => [
    name,
    readFileSync(path(name), "utf8"),
  ]),
);

/** Writes a version of a prompt, in one of the ways that editors do. */
function save(name: string, version: string): void {
  const text = `${texts.get(name)}\n${name} is at [${version}].\n`;
  const isRenamed = Math.random() < 0.5;
  writeFileSync(isRenamed ? `${path(name)}~` : path(name), text);
  if (isRenamed) renameSync(`${path(name)}~`, path(name));
}

const versionIn = (system: string | undefined) => /is at \[(.+?)\]/.exec(system ?? "")?.[1];

it("a saved prompt reaches the model within 300 ms in 95 of 100 cases", {
  timeout: 60_000,
}, async () => {
  const conversation = await client.join("watched");
  const times: number[] = [];
  for (let at = 0; at < 50; at += 1) {
    await sleep(Math.random() * 200); // at a random moment between two polls
    save("simple", `v${at}`);
    const saved = performance.now();
    let seen: number | undefined;
    while (seen === undefined && performance.now() - saved < 5_000) {
      await conversation.ask("Hi", { options: { engine: "simple" } });
      const request = server.model.requests.at(-1);
      if (versionIn(request?.system) === `v${at}`) seen = request?.at;
    }
    times.push((seen ?? Number.POSITIVE_INFINITY) - saved);
    await conversation.push("new_conversation");
  }
  times.sort((one, other) => one - other);
  const [p50, p95] = [times[25] ?? 0, times[47] ?? Number.POSITIVE_INFINITY];
  figures("save to effect, ms", { p50: Math.round(p50), p95: Math.round(p95), max: Math.round(times[49] ?? 0) });
  expect(p95).toBeLessThan(300);
});

it("with 1,000 saves, 20 of them invalid, 200 turns neither fail nor mix versions, and memory is flat", {
  timeout: 120_000,
}, async () => {
  server.model.reset();
  server.model.answer(({ schema }) =>
    schema
      ? { json: { questions: ["One?", "Two?"] }, headersDelayMs: 20 }
      : { text: "Because.", headersDelayMs: Math.random() * 60 },
  );
  collect();
  const before = process.memoryUsage().heapUsed;
  const names = [...texts.keys()];
  let isOver = false;
  const saving = (async () => {
    for (let at = 0; at < 1_000; at += 1) {
      const name = names[at % names.length] ?? "";
      if (at % 50 === 25) writeFileSync(path(name), "---\nbroken: [\n---\n{{nope}}");
      else save(name, `v${at}`);
      await sleep(8);
    }
    isOver = true;
  })();
  let turns = 0;
  async function talk(id: string): Promise<void> {
    const conversation = await client.join(id);
    for (let at = 0; at < 10; at += 1) {
      const question = `${id} asks ${at}`;
      const engine = at % 2 === 0 ? "complex" : "simple";
      const { terminal } = await conversation.ask(question, { options: { engine } }, 30_000);
      expect(terminal.event).toBe("response");
      const asked = server.model.requests.filter(({ messages }) => JSON.stringify(messages).includes(question));
      const used = terminal.payload.metadata.prompts;
      for (const name of Object.keys(used).filter((name) => texts.has(name))) {
        const versions = asked
          .map(({ system }) => new RegExp(`${name} is at \\[(.+?)\\]`).exec(system)?.[1])
          .filter(Boolean);
        expect(new Set(versions).size).toBeLessThanOrEqual(1);
      }
      turns += 1;
    }
    await conversation.leave();
  }
  await Promise.all(Array.from({ length: 20 }, (_, at) => talk(`busy${at}`)));
  const turnsWhileSaving = turns;
  await saving;
  expect(isOver).toBe(true);
  expect(turnsWhileSaving).toBe(200);
  for (const name of names) save(name, "last");
  const conversation = await client.join("afterwards");
  await expect
    .poll(async () => {
      await conversation.ask("Hi", { options: { engine: "simple" } });
      return versionIn(server.model.requests.at(-1)?.system);
    })
    .toBe("last");
  server.model.reset();
  collect();
  const grown = (process.memoryUsage().heapUsed - before) / 1e6;
  figures("1,000 saves", { turns, grownMb: Math.round(grown * 10) / 10 });
  expect(grown).toBeLessThan(20);
});
