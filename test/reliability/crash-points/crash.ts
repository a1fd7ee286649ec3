import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";

import type { Conversation } from "../../support/client.ts";
import type { ModelRequest } from "../../support/model-server.ts";
import type { HistoryTurn } from "../../support/payload.ts";
import { joinWithCursor, simple } from "../support.ts";
import type { Lane } from "./lane.ts";
import type { Point } from "./points.ts";
import { atRest, type Said, scenarios, send } from "./scenarios.ts";

const patienceMs = 10_000;
const atPoint = { exit: [null, "SIGKILL"], isReached: true };

/** Everything observed about one crash, from before it to the end of the next turn. */
export interface Crash {
  point: Point;
  /** The two members of the conversation: one without a cursor, one with. */
  members: { plain: Conversation; cursor: Conversation };
  said: Said[];
  /** When the next process was started, and when it listened. */
  spawnedAt: number;
  listeningAt: number;
  /** The `duplicate` flags of the messages that were sent again. */
  duplicates: boolean[];
  /** The model requests before and after the crash. */
  requests: { before: ModelRequest[]; after: ModelRequest[] };
  /** The history before the last turn, and the model request of that turn. */
  history: HistoryTurn[];
  memory: ModelRequest | undefined;
}

/** Crashes the server at this point, starts it again, and asks one more question. */
export async function crash(lane: Lane, point: Point, id: string, warmUps: number): Promise<Crash> {
  const plain = await lane.plain.join(id);
  const cursor = await joinWithCursor(lane.cursor, id);
  await Promise.all([seated(plain), seated(cursor)]);
  for (let n = 1; n <= warmUps; n += 1) await plain.ask(`Begin ${n}?`, simple);
  await atRest(plain);
  let firstRequest = lane.model.requests.length;
  const said: Said[] = [];
  const { engine = "analysis" } = point;
  const arm = () => lane.arm(point.crash);
  const forgive = () => {
    firstRequest = lane.model.requests.length;
  };
  await untilDeath(lane, scenarios[point.scenario]({ conversation: plain, engine, said, arm, forgive }));
  if (point.again) {
    await lane.revive(point.again).catch(() => {});
    await untilDeath(lane);
  }
  const died = lane.model.requests.length;

  const times = await lane.revive();
  await Promise.all([seated(plain), seated(cursor)]);
  const duplicates: boolean[] = [];
  for (const one of said) if (!one.turnId) duplicates.push(await send(plain, one));
  const end = `The end of ${id}?`;
  const { turnId } = await plain.ask(end, simple);
  await cursor.turn(turnId);
  const { turns } = (await plain.push("get_history", { limit: 200 })).response;
  const ended = lane.model.requests.findIndex(({ user }) => user === end);
  await Promise.all([plain.leave(), cursor.leave()]);
  return {
    point,
    members: { plain, cursor },
    said,
    ...times,
    duplicates,
    requests: { before: lane.model.requests.slice(firstRequest, died), after: lane.model.requests.slice(died, ended) },
    history: turns.filter(({ turn_id }) => turn_id !== turnId),
    memory: lane.model.requests[ended],
  };
}

/** Resolves when the member has joined or rejoined, and got what it missed. */
async function seated(member: Conversation): Promise<void> {
  await member.next("presence_state", undefined, patienceMs);
}

/** Runs the scenario until the server dies. */
async function untilDeath(lane: Lane, scenario: Promise<unknown> = Promise.resolve()): Promise<void> {
  const patience = new AbortController();
  const late = sleep(patienceMs, "the point was not reached", { signal: patience.signal });
  const failed = scenario.then(
    () => late,
    (error: unknown) => Promise.race([late, sleep(200, error)]),
  );
  try {
    expect(await Promise.race([lane.died(), failed])).toEqual(atPoint);
  } finally {
    patience.abort();
    late.catch(() => {});
    failed.catch(() => {});
  }
}
