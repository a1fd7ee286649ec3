import { isDeepStrictEqual } from "node:util";

import { answerText } from "../support/client.ts";
import type { Received } from "../support/conversation.ts";
import { type Device, isEnd, sessionOf } from "./device.ts";
import { contentOf, type Model, type Turn } from "./model.ts";

const deltas = ["response_delta", "reasoning_delta"] as const;

/** Violations that one device has seen so far. */
export function* wronglySeen(device: Device): Generator<string> {
  const { events } = device.conversation;
  const ended = new Map<string, number>();
  for (const [index, { event, payload }] of events.entries()) {
    const { turn_id } = payload;
    if (!turn_id) continue;
    const before = ended.get(turn_id);
    if (before === undefined) {
      if (isEnd(event, payload)) ended.set(turn_id, index);
      continue;
    }
    if (!isEnd(event, payload)) yield `${event} of ${turn_id} after its end`;
    else if (!isRedelivered(payload)) yield `${turn_id} ended twice, the second time unmarked`;
    else if (!comesByResume(device, index)) yield `${turn_id} ended twice without a rejoin`;
    else if (device.kind === "cursor" && !isOutOfSight(device, before, index))
      yield `${turn_id} ended twice for a cursor`;
    if (isEnd(event, payload) && !isDeepStrictEqual(essence(payload), essence(events[before]?.payload)))
      yield `${turn_id} ended differently`;
  }
  for (const turnId of new Set(events.map(({ payload }) => payload.turn_id))) {
    for (const kind of deltas) {
      const wrong = turnId && wrongText(device, turnId, kind);
      if (wrong) yield `${turnId}: ${wrong}`;
    }
  }
}

function wrongText({ conversation }: Device, turnId: string, kind: (typeof deltas)[number]): string | undefined {
  try {
    textIn(conversation.events, turnId, kind);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Throws if the pieces leave a gap or overlap. */
function textIn(events: Received[], turnId: string, kind: (typeof deltas)[number]): string {
  const pieces = events.filter(({ event, payload }) => event === kind && payload.turn_id === turnId);
  return answerText(pieces.map(({ payload }) => payload));
}

/** Violations of one device at the end of a run. */
export function* wronglyTold(model: Model, device: Device): Generator<string> {
  for (const turn of model.turns) {
    const { events } = device.conversation;
    const index = events.findIndex(({ event, payload }) => isEnd(event, payload) && payload.turn_id === turn.id);
    const end = events[index];
    if (!end && !device.hasLeft && !mayMiss(model, device, turn)) yield `never told the end of ${contentOf(turn)}`;
    if (!end) continue;
    yield* wrongEnd(device, turn, end, index);
    const resetAt = endOfSession(model, device, turn);
    const late = events.findIndex((one, at) => at >= resetAt && one.payload.turn_id === turn.id);
    if (late >= 0) yield `${events[late]?.event} of ${contentOf(turn)} after the reset of its session`;
  }
  yield* wrongOrder(model, device);
}

/** The index at which it learned that this turn's session has ended; infinite if it did not. */
function endOfSession(model: Model, device: Device, turn: Turn): number {
  const { events } = device.conversation;
  const resets = model.resets.filter((op) => model.isReset(turn, op) === "yes");
  const sessions = resets.map(({ reply }) => reply?.response.session_id);
  const told = events.findIndex(
    ({ event, payload }) => event === "conversation_reset" && sessions.includes(payload.session_id),
  );
  const joined = device.joins
    .filter((_, index) => sessions.includes(sessionOf(device, index)))
    .map((join) => join.events);
  return Math.min(told < 0 ? Number.POSITIVE_INFINITY : told, ...joined);
}

/** The end of a turn may be missing if a reset replaces it, or if it left the session or history while the device was away. */
function mayMiss(model: Model, device: Device, turn: Turn): boolean {
  const resets = model.resets.filter((op) => model.isReset(turn, op) !== "no");
  const replacements = model.turns.filter((by) => model.isSuperseded(turn, by) !== "no");
  if (resets.length === 0 && replacements.length === 0) return false;
  const wasThere = device.conversation.events.findIndex(({ payload }) => payload.turn_id === turn.id);
  const isAway = wasThere < 0 || device.joins.some(({ events }) => events > wasThere);
  return isAway || resets.some(({ begunAt }) => begunAt < (model.endOf(turn)?.at ?? Number.POSITIVE_INFINITY));
}

function* wrongEnd(device: Device, turn: Turn, { event, payload }: Received, index: number): Generator<string> {
  const resumed = comesByResume(device, index);
  if (isRedelivered(payload) && !resumed) yield `${contentOf(turn)} ended live, but marked as sent again`;
  const before = device.conversation.events.slice(0, index);
  const text = wrongText(device, turn.id, "response_delta") ? "" : textIn(before, turn.id, "response_delta");
  if (event === "response" && text !== payload.response && !(resumed && isPrefix(turn, text)))
    yield `${contentOf(turn)} was shown as ${JSON.stringify(text)}, answered as ${JSON.stringify(payload.response)}`;
  if (!isPrefix(turn, text)) yield `${contentOf(turn)} was shown as ${JSON.stringify(text)}`;
  if (wrongText(device, turn.id, "reasoning_delta")) return;
  const thoughts = textIn(before, turn.id, "reasoning_delta");
  const isWhole = event === "response" && !payload.metadata.stopped && !resumed;
  if (!isThought(turn, thoughts, isWhole && device.kind === "cursor"))
    yield `${contentOf(turn)} was thought about as ${JSON.stringify(thoughts)}`;
  if (device.kind === "plain" && thoughts !== "") yield `${contentOf(turn)} showed thoughts that nobody asked for`;
}

/** Whether the model has told these thoughts, or more; with `isWhole`, whether they are those before its last text. */
export function isThought({ script }: Turn, thoughts: string, isWhole: boolean): boolean {
  if (isWhole) return thoughts === script.thoughts.at(-1);
  return thoughts === "" || script.thoughts.some((told) => told.startsWith(thoughts));
}

/** Whether the model has sent this text, or more. */
export function isPrefix({ script }: Turn, text: string): boolean {
  return text === "" || script.texts.some((said) => said.startsWith(text));
}

/** Turns that ran must end in the order accepted, as seen on one connection. */
function* wrongOrder(model: Model, { conversation }: Device): Generator<string> {
  const ends = conversation.events.filter(
    ({ event, payload }) =>
      isEnd(event, payload) && payload.metadata?.redelivered !== true && payload.redelivered !== true,
  );
  const ran = ends
    .flatMap(({ payload }) => model.turnOf(payload.turn_id) ?? [])
    .filter((turn) => model.askedFor(turn).length > 0);
  for (const [index, turn] of ran.entries()) {
    const late = ran.slice(index + 1).find((other) => model.precedes(other.op, turn.op));
    if (late) yield `${contentOf(turn)} ended before ${contentOf(late)}`;
  }
}

/** Whether an event belongs to the catch-up after a rejoin, which ends with `presence_state`. */
function comesByResume({ conversation, joins }: Device, index: number): boolean {
  const joined = joins.findLast(({ events }) => events <= index);
  if (!joined) return false;
  return !conversation.events.slice(joined.events, index).some(({ event }) => event === "presence_state");
}

/** A cursor in the middle of a turn cannot tell that the end of a queued turn was seen. */
function isOutOfSight({ conversation, joins }: Device, before: number, index: number): boolean {
  const { cursor } = joins.findLast(({ events }) => events <= index) ?? {};
  const { payload } = conversation.events[before] ?? {};
  return cursor?.offset !== undefined && cursor.turn_id !== payload?.turn_id && payload?.conversation_type === null;
}

function isRedelivered(payload: Received["payload"]): boolean {
  return payload.redelivered === true || payload.metadata?.redelivered === true;
}

/** A terminal event without its marks of redelivery. */
export function essence(payload: Partial<Received["payload"]> = {}): object {
  const { redelivered: _event, metadata, ...rest } = payload;
  const { redelivered: _response, ...facts } = metadata ?? {};
  return { ...rest, metadata: facts };
}
