import { expect } from "vitest";

import { type Chat, idsOf } from "./chat.ts";
import type { ModelTurn } from "./model-turn.ts";
import type { Pair } from "./pair.ts";

const everything = { turns: 100, units: 100_000, answerUnits: 1_000 };

/** Expects that all reads of the store and the model agree. */
export async function compare(pair: Pair): Promise<void> {
  await compareUnclaimed(pair);
  for (const [index, talk] of pair.chats.entries()) {
    await compareTurns(pair, index, talk);
    await compareDeliveries(pair, index, talk);
    await compareMemory(pair, index, talk);
  }
}

/** The store may leave out those with a turn that is new. */
async function compareUnclaimed({ store, model, chats }: Pair): Promise<void> {
  const found = idsOf((await store.turns.unclaimed(100_000)).map(({ conversationId: id }) => ({ id })));
  const all = model.unclaimed();
  const isOld = (index: number) => (model.open(index)[0]?.attempt ?? 0) > 0;
  for (const [index, { id }] of chats.entries()) {
    if (found.includes(id)) expect(all).toContain(index);
    else if (all.includes(index)) expect(isOld(index)).toBe(false);
  }
}

async function compareTurns({ store, model }: Pair, index: number, { id, history }: Chat): Promise<void> {
  expect(idsOf(await store.turns.open(id))).toEqual(idsOf(model.open(index)));
  expect(await history()).toEqual(idsOf(model.history(index)));
  const [head] = model.open(index);
  const isSuspended = head?.open !== undefined && head.status !== "running";
  expect((await store.waits.waiting(id))?.turn.id).toBe(isSuspended ? head.id : undefined);
  expect((await store.history.last(id))?.id).toBe(model.history(index).at(-1)?.id);
  for (const turn of model.turns.filter(({ at }) => at === index)) {
    const { status, attempt, released, isSuperseded, delivery, clientId } = turn;
    const found = await store.history.turn(id, turn.id);
    expect(found).toMatchObject({ status, attempt, isSuperseded, clientId, wasSent: delivery > 0 });
    expect(found?.outcome?.response).toBe(turn.response);
    expect(await store.history.reasoning(turn.id)).toBe(turn.reasoning);
    const crashes = attempt - released - (status === "running" ? 1 : 0);
    if (status === "queued" || status === "running" || status === "waiting") expect(found).toMatchObject({ crashes });
    expect(await store.turns.steps(turn.id)).toEqual(turn.steps);
  }
}

async function compareDeliveries({ store, model }: Pair, index: number, { id }: Chat): Promise<void> {
  const ended = model.ended(index);
  const undelivered = ended.filter(({ delivery }) => delivery < 2);
  expect(await store.deliveries.undelivered(id)).toEqual(idsOf(undelivered));
  const { session } = model.at(index);
  const isOfSession = (turn: ModelTurn) => turn.at === index && turn.session === session;
  for (const turn of model.turns.filter(isOfSession)) {
    const { ended: end } = turn;
    const later = end === undefined ? [] : ended.filter(({ ended = 0 }) => ended > end);
    expect(await store.deliveries.endedAfter(id, turn.id)).toEqual(idsOf(later));
    if (turn.attempt === 0) continue; // nobody has seen anything of it
    expect(await store.deliveries.endedAfter(id, turn.id, 2)).toEqual(idsOf(model.endedAfter(turn, 2)));
  }
}

async function compareMemory(pair: Pair, index: number, { sessionId }: Chat): Promise<void> {
  const { text, covered } = pair.model.summary(index);
  const answered = pair.model.history(index).filter(({ response }) => response?.trim());
  const turns = answered.filter((turn) => !covered.includes(turn));
  const memory = await pair.store.history.memory(sessionId, Number.MAX_SAFE_INTEGER, everything);
  const { summary, upTo, turns: found } = memory;
  expect([summary, upTo, idsOf(found)]).toEqual([text, pair.seqOf(covered.at(-1)), idsOf(turns)]);
}
