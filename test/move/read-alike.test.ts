import { afterAll, beforeAll, expect, it } from "vitest";

import { openDatabase } from "../../src/store/postgres/database.ts";
import { postgresLabelled } from "../../src/store/postgres/labelled.ts";
import { storeOn } from "../../src/store/postgres/open.ts";
import { openPool } from "../../src/store/postgres/pool.ts";
import { sqliteLabelled } from "../../src/store/sqlite/labelled.ts";
import { sqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { type Chat, chat, outcomeOf } from "../store/contract/chat.ts";
import { waitOf } from "../store/contract/waits.ts";
import { moved, postgres, sqliteFile } from "./databases.ts";

const file = sqliteFile();
const talks: Chat[] = [];
const prompt = "generation.plan";

beforeAll(async () => {
  const store = sqliteStore(file.path);
  for (let at = 0; at < 4; at += 1) talks.push(await filled(store, at));
  await store.close();
});
afterAll(() => file.close());

/** A conversation with turns of all kinds. */
async function filled(store: Store, at: number): Promise<Chat> {
  const { turns, history, waits, toolCalls, checkpoints, files, conversations } = store;
  const talk = await chat(store, `user-${at % 2}`);
  const facts = { file_id: `file-${at}`, name: "\u0000.txt", size: 9, media_type: "text/plain" };
  await files.add({ ...facts, userId: talk.owner, createdAt: new Date().toISOString() }, { files: 9, bytes: 999 });
  await talk.ended("Before?");
  if (at === 3) await talk.reset();
  const seqs: number[] = [];
  for (let n = 0; n < 12; n += 1) {
    const routing = { decided_by: n % 3 === 0 ? "model" : "client", confidence: n % 2 === 0 ? 0.95 : 0.5 };
    const metadata = { routing, prompts: { [n % 4 === 0 ? prompt : "simple"]: `hash ${n}` } };
    const status = n === 7 ? "stopped" : "completed";
    const outcome = {
      ...outcomeOf(n === 5 ? "" : `\u0000 ${n}`, status),
      metadata,
      conversationType: n % 3 === 0 ? "complex" : "simple",
    };
    const produced = { ...(n % 2 === 0 && { messages: `[${n}]` }), ...(n % 3 === 0 && { kept: `{"at":${n}}` }) };
    const turn = await talk.ended(`${n}?`, {
      outcome,
      clientId: `m${n}`,
      ...(n > 2 && { produced, reasoning: `Hm \u0000 ${n}.` }),
      memory: { turns: seqs.slice(-4), summary: n > 4 ? `Summary ${n}` : "" },
      ...(n === 6 && { attachments: [facts] }),
      isSent: n % 2 === 0,
    });
    seqs.push(turn.seq);
    if (n % 4 === 1)
      await history.rate(turn.id, { score: 0.5, comment: "So\u0000.", ...(n > 4 && { expected: "analysis" }) });
    if (n === 8) await talk.ended("8, otherwise?", { replaces: turn.id, outcome });
    if (n === 4)
      await conversations.keepSummary({
        sessionId: talk.sessionId,
        text: "\u0000",
        upTo: seqs[1] ?? 0,
        from: { upTo: 0, turnIds: [] },
      });
  }
  const claim = await talk.running("Running?");
  await turns.keepStep(claim, "plan", '{"steps":["\\u0000"]}');
  await toolCalls.start(claim, "call", { told: '{"tool_name":"a"}', mayRepeat: true });
  const state = { type: "json", bytes: new Uint8Array([0, 1, 255]) };
  await checkpoints.put(claim, { namespace: "", id: "1", checkpoint: state, metadata: state });
  const write = { taskId: "task", taskPath: "~", index: -3, channel: "c", ...state };
  await checkpoints.putWrites(claim, { namespace: "", id: "1" }, [write]);
  await talk.accepted("Queued?", { maxAhead: 9 });
  if (at % 2 === 0) await waits.begin(claim, waitOf(1, "one", "two"));
  if (at === 2) await waits.answer(talk.id, claim.turn.id, new Map([["one", "\u0000"]]));
  return talk;
}

/** All that the server and its tools read of a conversation. */
async function read(
  { history, records, turns, waits, toolCalls, checkpoints, conversations, deliveries, files }: Store,
  { id, owner }: Chat,
) {
  const { sessionId = "" } = (await conversations.open(id, owner)) ?? {};
  const all = (await history.page(id, 200))?.turns ?? [];
  const bounds = { turns: 6, units: 60, answerUnits: 10 };
  const end = Number.MAX_SAFE_INTEGER;
  return {
    conversation: await conversations.conversation(id),
    pages: [await history.page(id, 3), await history.page(id, 3, all[5]?.id), await history.page(id, 3, all[0]?.id)],
    last: await history.last(id),
    known: await history.byClientId(id, "m3"),
    memories: [
      await history.memory(sessionId, end, bounds),
      await history.memory(sessionId, all[7]?.seq ?? 0, { ...bounds, units: 9_999 }),
    ],
    kept: [await history.lastKept(sessionId, end, "complex"), await history.lastKept(sessionId, end, "none")],
    files: [
      await history.files(sessionId, end),
      await files.of(
        owner,
        (await history.files(sessionId, end)).map(({ file_id }) => file_id),
      ),
    ],
    open: await turns.open(id),
    waiting: [await waits.waiting(id), await waits.count()],
    delivered: [
      await deliveries.undelivered(id),
      await deliveries.endedAfter(id, all[2]?.id ?? ""),
      await deliveries.endsSince(id, 3),
    ],
    turns: await Promise.all(
      all.map(async (turn) => [
        await records.memory(turn.id),
        await records.recording(turn.id),
        await records.rating(turn.id),
        await records.reasoning(turn.id),
        await records.before(turn).lastKept("complex"),
        await records.before(turn).files(),
        [...(await turns.steps(turn.id))],
        [...(await toolCalls.told(turn.id))],
        (await checkpoints.list(turn.id)).map((one) => [
          Buffer.from(one.checkpoint.bytes),
          one.writes.map(({ bytes, ...more }) => [more, Buffer.from(bytes)]),
        ]),
      ]),
    ),
    latest: [await records.latest(5), await records.latest(5, "complex"), await records.usesOf(owner, prompt, 4)],
    conversations: await records.conversations(owner, 10),
    unfinished: await turns.unclaimed(10),
  };
}

it("everything that is read of a conversation is the same after a move", { timeout: 60_000 }, async () => {
  const target = await postgres();
  await moved(file.path, target.client);
  const database = openDatabase(openPool(target.config, 1));
  const [before, after] = [sqliteStore(file.path), storeOn(database, database)];
  for (const talk of talks) expect(await read(after, talk)).toEqual(await read(before, talk));
  const labelled = await Array.fromAsync(postgresLabelled(database));
  expect(labelled).toEqual([...sqliteLabelled(file.path)]);
  expect(new Set(labelled.map(({ source }) => source))).toEqual(new Set(["feedback", "model stage"]));
  await before.close();
  await target.client.end();
  await database.close();
  await target.close();
});
