import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, it } from "vitest";

import { openRecords } from "../../src/open-records.ts";
import { postgresStore } from "../../src/store/postgres/open.ts";
import { form } from "../files/support.ts";
import { type Asking, linesOf, script, startAsking } from "../stock/asking-engine.ts";
import type { Conversation } from "../support/conversation.ts";
import { inherited } from "../support/spawned.ts";
import { freshDatabase } from "./support/database.ts";

let asking: Asking;
let database: Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(async () => {
  database = await freshDatabase(inject("postgresUrl"));
  asking = await startAsking();
});
afterAll(async () => {
  await asking[Symbol.asyncDispose]();
  await database.drop();
});

const simple = { options: { engine: "simple" } };
const historyOf = async (conversation: Conversation) => (await conversation.push("get_history")).response.turns;

/** Moves the database, and kills the program after so many lines. Resolves to its exit code, null if it was killed. */
async function move(lines = Number.POSITIVE_INFINITY) {
  const words = ["cli/move/main.ts", "--from", `sqlite:${asking.folder}/test.db`, "--to", database.url];
  const child = spawn(process.execPath, words, { env: inherited(), stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  const problems: string[] = [];
  createInterface(child.stderr).on("line", (line) => problems.push(line));
  createInterface(child.stdout).on("line", (line) => {
    if (output.push(line) === lines) child.kill("SIGKILL");
  });
  const [code] = await once(child, "close");
  return { code, output, problems };
}

/** What a command prints about this database. */
async function printed(url: string, ...words: string[]): Promise<string> {
  const env = {
    ...inherited(),
    DATABASE_URL: url,
    OPENAI_BASE_URL: asking.model.url,
    OPENAI_API_KEY: "test",
    MODEL: "m",
  };
  return (await promisify(execFile)(process.execPath, words, { env })).stdout;
}

it("conversations of a server that was killed are moved to Postgres, in spite of kills, and go on there", async () => {
  const client = await asking.connect();
  const talk = await client.join("talk", { preferences: { language: "elixir" } });
  const first = await talk.ask("What is a GenServer? \u0000 世界", { ...simple, id: "m1" });
  await talk.push("feedback", { turn_id: first.turnId, score: -1, comment: "No\u0000!", expected: "analysis" });
  const second = await talk.ask("and a supervisor?", { ...simple, id: "\ud800" });
  const edited = await talk.push("edit", { turn_id: second.turnId, content: "and an agent?", ...simple });
  await talk.turn(edited.response.turn_id);
  const planned = await talk.ask("Plan it.", { options: { engine: "multi_step" } });

  const headers = { authorization: "Bearer key-a" };
  const upload = await fetch(`${asking.server.http}/files`, {
    method: "POST",
    headers,
    body: form("a note", "ü\u202e.txt"),
  });
  const { file_id } = (await upload.json()) as { file_id: string };
  await talk.ask("What is in it?", { ...simple, attachments: [{ file_id }] });

  const waiting = await client.join("waiting");
  const effects = asking.file();
  const ask = await waiting.push(
    "message",
    script({ tool: "look", file: effects }, { say: " So? " }, { ask: "?" }, { say: "!" }),
  );
  const { requests } = await waiting.next("input_requested");
  const behind = await waiting.push("message", script({ say: "At last." }));

  const running = await client.join("running");
  const [work, until] = [asking.file(), asking.file()];
  const begun = await running.push(
    "message",
    script({ say: "Now " }, { tool: "work", file: work, until, repeatable: true }),
  );
  await expect.poll(() => linesOf(work)).toEqual(["work"]);

  const talks = [talk, waiting, running];
  const before = await Promise.all(talks.map(historyOf));
  const file = `sqlite:${asking.folder}/test.db`;
  const printing = [["cli/dataset.ts", first.turnId], ["cli/dataset.ts", planned.turnId], ["evals/routing/export.ts"]];
  const words = await Promise.all(printing.map((command) => printed(file, ...command)));
  await client.close();

  expect(await move()).toMatchObject({ code: 1, problems: [expect.stringContaining("is in use by another process")] });
  await asking.server.end("SIGKILL");
  let kills = 0;
  let moved = await move(2);
  while (moved.code === null) {
    kills += 1;
    if ((await database.rows("SELECT to_regclass('conversation_channel_move') IS NOT NULL AS begun"))[0]?.begun) {
      await expect(postgresStore(database.url)).rejects.toThrow("Run npm run move again.");
    }
    moved = await move(2 + kills);
  }
  expect(kills).toBeGreaterThan(5);
  expect([moved.problems, moved.code]).toEqual([[], 0]);
  expect(moved.output.join("\n")).toMatch(/^turns +8 +[0-9a-f]{64}$/m);
  expect(await move()).toMatchObject({ code: 0 }); // everything is there already

  await asking.restart({ env: { DATABASE_URL: database.url, FILES_DIR: `${asking.folder}/files` } });
  expect(await Promise.all(printing.map((command) => printed(database.url, ...command)))).toEqual(words);
  expect(await printed(database.url, "cli/replay/main.ts", first.turnId)).toContain("What is a GenServer?");
  const records = await openRecords(database.url);
  expect(await records.rating(first.turnId)).toEqual({ score: -1, comment: "No\u0000!", expected: "analysis" });
  await records.close();

  await using later = await asking.connect();
  const again = await later.join("talk");
  expect(again.joins).toMatchObject([{ session_id: talk.joins[0]?.session_id }]);
  expect(await historyOf(again)).toEqual(before[0]);
  const known = await again.push("message", { content: "?", id: "\ud800", ...simple });
  expect(known.response).toMatchObject({ turn_id: second.turnId, duplicate: true });
  const stored = await fetch(`${asking.server.http}/files/${file_id}`, { headers });
  expect(await stored.text()).toBe("a note");
  const next = await again.ask("What was the first question?", simple);
  expect(asking.model.requests.at(-1)?.messages.map(({ content }) => content)).toContain(
    "What is a GenServer? \u0000 世界",
  );
  expect((await historyOf(again)).at(-1)?.turn_id).toBe(next.turnId);

  const waits = await later.join("waiting");
  expect(await historyOf(waits)).toEqual(before[1]);
  expect((await waits.next("input_requested")).requests).toEqual(requests);
  const turn_id = ask.response.turn_id;
  const responses = [{ interrupt_id: requests[0]?.interrupt_id ?? "", value: "yes" }];
  expect(await waits.push("respond", { turn_id, responses })).toMatchObject({ status: "ok" });
  expect((await waits.turn(turn_id)).terminal.payload.response).toBe('look. So? "yes"!');
  expect((await waits.turn(behind.response.turn_id)).terminal.payload.response).toBe("At last.");
  expect(linesOf(effects)).toEqual(["look"]);

  const runs = await later.join("running");
  asking.touch(until);
  expect((await runs.turn(begun.response.turn_id)).terminal.payload.response).toBe("Now work.");
  expect(linesOf(work)).toEqual(["work", "work"]);
});
