import { expect } from "vitest";

import { answerText, type Conversation } from "../../support/client.ts";
import type { ModelRequest } from "../../support/model-server.ts";
import type { EventPayload, HistoryTurn } from "../../support/payload.ts";
import type { Crash } from "./crash.ts";

/** Checks what must hold after any crash. */
export function judge(crash: Crash): void {
  expectHistory(crash);
  for (const turn of crash.history) expectEnd(crash, turn);
  if (crash.point.history?.length === 0) expectReset(crash);
  expectMemory(crash);
  expectNothingAskedAgain(crash);
}

function expectHistory(crash: Crash): void {
  const { point, said, history, duplicates } = crash;
  expect(new Set(history.map(({ turn_id }) => turn_id)).size).toBe(history.length);
  const asked = point.history ?? said.map(({ content }) => content);
  const begun = history.filter(({ query }) => query.startsWith("Begin"));
  expect(history.slice(begun.length).map(({ query }) => query)).toEqual(asked);
  expectTurns(crash, history.slice(begun.length));
  for (const { query, status } of history) {
    const { [query]: statuses = ["completed"] } = point.statuses ?? {};
    expect(statuses, query).toContain(status);
  }
  if (point.duplicate !== undefined) expect(duplicates).toEqual([point.duplicate]);
  else expect(duplicates).toEqual([]);
}

/** The history consists of the turns that the messages were accepted as, except replaced ones. */
function expectTurns({ point, said, members }: Crash, turns: HistoryTurn[]): void {
  const accepted = said.map(({ turnId }) => turnId);
  if (!point.replaced) expect(accepted).toEqual(expect.arrayContaining(turns.map(({ turn_id }) => turn_id)));
  else {
    expect(accepted).not.toContain(turns[0]?.turn_id);
    expect(turns[0]?.metadata.replaces).toBe(accepted[0]);
    expect(members.cursor.terminals(accepted[0] ?? "")).toHaveLength(1);
  }
}

/** The member with a cursor gets one terminal event, the other at least one, and all match the history. */
function expectEnd({ members: { plain, cursor }, spawnedAt }: Crash, turn: HistoryTurn): void {
  const ends = [...cursor.terminals(turn.turn_id), ...plain.terminals(turn.turn_id)];
  expect(cursor.terminals(turn.turn_id), turn.query).toHaveLength(1);
  expect(ends.length, turn.query).toBeGreaterThan(1);
  for (const { event, payload } of ends) {
    expect(event).toBe(turn.status === "failed" ? "error" : "response");
    if (event === "response") expectResponse(payload, turn);
  }
  for (const { payload } of plain.terminals(turn.turn_id).slice(1)) {
    expect({ ...payload, ...payload.metadata }, "a repeated terminal event").toMatchObject({ redelivered: true });
  }
  for (const member of [plain, cursor]) expectText(member, turn, spawnedAt);
}

/** No more events of an ended session arrive. */
function expectReset({ said, members }: Crash): void {
  for (const member of Object.values(members)) {
    expect(said.flatMap(({ turnId = "" }) => member.terminals(turnId))).toEqual([]);
    expect(member.joins[1]?.session_id).not.toBe(member.joins[0]?.session_id);
  }
}

function expectResponse({ query, response, metadata }: EventPayload<"response">, turn: HistoryTurn): void {
  expect({ query, response }).toEqual({ query: turn.query, response: turn.response });
  expect(metadata.stopped ?? false).toBe(turn.status === "stopped");
  expect(metadata).toMatchObject({
    processing_time: expect.any(Number),
    model_used: expect.any(String),
    usage: { llm_calls: expect.any(Number) },
    routing: { decided_by: expect.any(String) },
    prompts: expect.any(Object),
  });
}

/** If a member watched the recovered turn, its text was restarted and equals the answer. */
function expectText(member: Conversation, turn: HistoryTurn, spawnedAt: number): void {
  const deltas = member.events.filter(
    ({ event, payload }) => event === "response_delta" && payload.turn_id === turn.turn_id,
  );
  const [earlier, later] = [deltas.filter(({ at }) => at < spawnedAt), deltas.filter(({ at }) => at >= spawnedAt)];
  const text = answerText(deltas.map(({ payload }) => payload));
  if (earlier.length > 0 && later[0]) expect(later[0].payload).toMatchObject({ restart: true, offset: 0 });
  const endedAt = member.terminals(turn.turn_id)[0]?.at ?? Number.NaN;
  if (later.length > 0 || endedAt < spawnedAt) expect(text).toBe(turn.response);
}

/** The model got each answered turn once, in order; the oldest perhaps in a summary. */
function expectMemory({ point, history, memory }: Crash): void {
  const told = memory?.messages.slice(1, -1) ?? [];
  const exchanges = history.flatMap(({ query, response }) => (response ? [query, response] : []));
  const summarized = point.condensed ? exchanges.length - told.length : 0;
  if (point.condensed) expect(summarized).toBeGreaterThan(0);
  expect(told.map(({ content }) => content)).toEqual(exchanges.slice(summarized));
  expect(told.map(({ role }) => role)).toEqual(told.map((_, place) => (place % 2 ? "assistant" : "user")));
}

function expectNothingAskedAgain({ point, requests }: Crash): void {
  const known = new Set(requests.before.map(({ rawBody }) => rawBody));
  const again = requests.after.filter(({ structured, rawBody }) => structured && known.has(rawBody));
  if (point.requestsLeft === undefined) expect(again.map(summary)).toEqual([]);
  else expect(requests.after.map(summary)).toHaveLength(point.requestsLeft);
}

function summary({ system, user }: ModelRequest): string {
  return `${system.slice(0, 80)} … ${user}`;
}
