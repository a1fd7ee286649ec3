import { isDeepStrictEqual } from "node:util";
import { engines } from "../../graphs/engines.ts";
import type { HistoryTurn, Payload, Response } from "../support/payload.ts";
import { contentOf, engineOf, type Model, precedes, type Turn } from "./model.ts";
import { type Op, shown } from "./record.ts";
import { silenceMs } from "./script.ts";
import { essence, isPrefix, isThought } from "./seen.ts";

/** Turns whose end contradicts their pushes or the model's replies. */
export function* wrongOutcomes(model: Model, devices: Op["device"][]): Generator<string> {
  const ends = model.earliestEnds();
  for (const turn of model.turns) {
    const end = model.endOf(turn);
    if (!end) continue;
    for (const wrong of wrongOutcome(model, turn, end))
      yield `${wrong}: ${contentOf(turn)} ${JSON.stringify(end.payload)}`;
    if (end.at < (ends.get(turn) ?? 0)) yield `${contentOf(turn)} ended before anything could end it`;
    for (const { conversation } of devices) {
      const told = conversation
        .terminals(turn.id)
        .find(({ payload }) => !isDeepStrictEqual(essence(payload), essence(end.payload)));
      if (told) yield `${contentOf(turn)} ended differently: ${JSON.stringify([end.payload, told.payload])}`;
    }
  }
}

function* wrongOutcome(
  model: Model,
  turn: Turn,
  { event, payload, at }: ReturnType<Model["endOf"]> & object,
): Generator<string> {
  const { script, replaces } = turn;
  const { metadata } = payload;
  if (event === "error") {
    const allowed = isSilent(turn, at) ? [failureOf(turn), "model_timeout"] : [failureOf(turn)];
    if (!allowed.includes(payload.details.code)) yield "failed without a reason";
    return;
  }
  if (payload.query !== contentOf(turn)) yield "answers another message";
  if (metadata.replaces !== replaces?.id) yield "replaces another turn";
  if (metadata.stopped) {
    const stops = model.ops.filter((op) => op.event !== "new_conversation" && model.mayEnd(op, turn));
    if (!stops.some(({ begunAt }) => begunAt < at)) yield "stopped by nobody";
    if (!isPrefix(turn, payload.response)) yield "stopped with what the model did not say";
    if (payload.conversation_type === null && payload.response !== "") yield "answered without a route";
  } else {
    if (failureOf(turn)) yield "answered although the model failed";
    if (payload.response !== script.texts.at(-1)) yield "not what the model said";
    if ((metadata.truncated === true) !== (script.plan.ending === "length")) yield "truncated, or not";
  }
  if (payload.conversation_type === null ? !metadata.stopped : payload.conversation_type !== engineOf(turn))
    yield "another engine";
  const route = Object.entries(engines).find(([type]) => type === payload.conversation_type)?.[1].routedTo ?? null;
  if (payload.routed_to !== route) yield "another route";
}

/** Whether the model may have been silent for too long. */
function isSilent({ script }: Turn, at: number): boolean {
  return at > script.begunAt + silenceMs;
}

function failureOf({ script }: Turn): string | undefined {
  switch (script.plan.ending) {
    case "cut":
    case "empty":
    case "error":
      return "model_unavailable";
    case "hang":
      return "model_timeout";
    case "refusal":
      return "model_refused";
    default:
      return undefined;
  }
}

/** Violations in the history pages that were read. */
export function* wrongHistories(model: Model): Generator<string> {
  for (const op of model.ops) {
    if (op.event !== "get_history" || op.reply?.status !== "ok") continue;
    for (const wrong of wrongPage(model, op, op.reply.response)) yield `${wrong}: ${shown(op)}`;
  }
}

function* wrongPage(model: Model, op: Op, { turns: page, has_more }: Response<"get_history">): Generator<string> {
  const limit = Number(op.payload.limit ?? 50);
  const before = model.turnOf(op.payload.before);
  const { must, may } = model.history(op.begunAt, op.repliedAt);
  const entries = page.map((entry) => ({ entry, turn: model.turnOf(entry.turn_id) }));
  const isFull = page.length >= limit;
  if (page.length > limit) yield "too long";
  if (new Set(page.map(({ turn_id }) => turn_id)).size < page.length) yield "a turn twice";
  for (const [index, { entry, turn }] of entries.entries()) {
    if (!turn || !may.has(turn)) {
      yield `${entry.query} is not of this history`;
      continue;
    }
    const next = entries[index + 1]?.turn;
    if (next && precedes(next.op, turn.op)) yield `${contentOf(turn)} comes before ${contentOf(next)}`;
    if (before && (turn === before || precedes(before.op, turn.op))) yield `${contentOf(turn)} is not before`;
    yield* wrongEntry(model, op, turn, entry);
  }
  const present = new Set(entries.map(({ turn }) => turn));
  const first = entries[0]?.turn;
  const missing = [...must].filter((turn) => !present.has(turn) && (!before || precedes(turn.op, before.op)));
  const lost = missing.filter((turn) => !isFull || (first && precedes(first.op, turn.op)));
  for (const turn of lost) yield `${contentOf(turn)} is lost`;
  if (missing.length > 0 && !has_more) yield "there is more";
  if (has_more && !isFull) yield "there is no more";
}

function* wrongEntry(model: Model, op: Op, turn: Turn, entry: HistoryTurn): Generator<string> {
  const end = model.endOf(turn);
  if (entry.query !== contentOf(turn)) yield `another question than ${contentOf(turn)}`;
  if (entry.status === "queued" || entry.status === "running") {
    if (model.overAt(turn) <= op.begunAt) yield `${contentOf(turn)} is ${entry.status}, but over`;
    if (entry.response !== "") yield `${contentOf(turn)} is answered already`;
    return;
  }
  if ((model.earliestEnds().get(turn) ?? 0) > op.repliedAt) yield `${contentOf(turn)} cannot be over`;
  if (!end) return;
  const { payload, event } = end;
  const status = event === "error" ? "failed" : payload.metadata.stopped ? "stopped" : "completed";
  if (entry.status !== status) yield `${contentOf(turn)} is ${status}`;
  if (event === "error") {
    if (!isPrefix(turn, entry.response)) yield `${contentOf(turn)} keeps what the model did not say`;
    return;
  }
  const { status: _status, reasoning = "", ...told } = entry;
  if (!isThought(turn, reasoning, status === "completed" && op.device.kind === "cursor"))
    yield `${contentOf(turn)} keeps other thoughts`;
  if (!isDeepStrictEqual(essence(told as Partial<Payload>), essence(payload)))
    yield `${contentOf(turn)} is kept otherwise`;
}
