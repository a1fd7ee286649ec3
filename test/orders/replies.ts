import { contentOf, type Model, precedes, type Turn } from "./model.ts";
import { type Op, shown } from "./record.ts";

/** Turns that may be queued behind the running one. */
const room = 5;

/** Violations in the replies. */
export function* wrongReplies(model: Model): Generator<string> {
  for (const op of model.ops) {
    const { event, reply } = op;
    if (!reply || reply.status === "timeout") {
      yield `no reply to ${shown(op)}`;
      continue;
    }
    for (const wrong of event === "stop" ? wrongStop(model, op) : wrongReply(model, op)) yield `${wrong}: ${shown(op)}`;
  }
  yield* wrongDuplicates(model);
}

function* wrongReply(model: Model, op: Op): Generator<string> {
  const { event, payload, reply } = op;
  if (!reply) return;
  const known = model.turnOf(payload.turn_id ?? payload.before);
  const isUnknown = payload.turn_id === "unknown" || payload.before === "unknown";
  const { must, may } = model.history(op.begunAt, op.repliedAt, { without: op });
  const own = model.turns.find((turn) => turn.op === op);
  const reason = reply.status === "error" ? reply.response.reason : undefined;
  if (reason && !["not_found", "busy"].includes(reason)) yield `refused as ${reason}`;
  if (isUnknown && reason !== "not_found") yield "an unknown turn was found";
  if (reason === "not_found") {
    if (event === "message" || event === "new_conversation" || event === "set_context") yield "a message is not found";
    if (known && must.has(known)) yield "a turn of the history is not found";
    if (event === "regenerate" && !payload.turn_id && must.size > 0) yield "the last turn is not found";
  }
  if (event === "message" || event === "regenerate" || event === "edit") yield* wrongAcceptance(model, op, own);
  if (own?.op.event === "regenerate" || own?.op.event === "edit") {
    const { replaces } = own;
    if (!replaces) yield "replaces an unknown turn";
    else if (payload.turn_id ? replaces.id !== payload.turn_id : !mayBeLast(replaces)) yield "replaces another turn";
  }
  if (event === "set_context") yield* wrongContext(model, op);

  function mayBeLast(turn: Turn): boolean {
    return may.has(turn) && ![...must].some((other) => precedes(turn.op, other.op));
  }
}

function* wrongAcceptance(model: Model, op: Op, own: Turn | undefined): Generator<string> {
  const { reply, payload, event } = op;
  const others = model.turns.filter((turn) => turn !== own && !precedes(op, turn.op));
  const stopsOthers = event !== "message" || payload.options?.when_busy === "replace";
  const ends = model.earliestEnds(op);
  const mayBeOpen = others.filter((turn) => model.overAt(turn) > op.begunAt && !(stopsOthers && precedes(turn.op, op)));
  const isOpen = (turn: Turn) => precedes(turn.op, op) && (ends.get(turn) ?? 0) > op.repliedAt;
  const surelyOpen = stopsOthers ? [] : others.filter(isOpen);
  const rejects = payload.options?.when_busy === "reject" && event === "message";
  if (reply?.status === "error" && reply.response.reason === "busy") {
    if (mayBeOpen.length <= (rejects ? 0 : room)) yield `busy with ${mayBeOpen.length} turns open at most`;
    return;
  }
  if (!own || reply?.status !== "ok" || reply.response.duplicate) return;
  const { position } = reply.response;
  if (position > (rejects ? 0 : room)) yield "accepted without room";
  if (position < surelyOpen.length || position > mayBeOpen.length)
    yield `position ${position} with ${surelyOpen.length} to ${mayBeOpen.length} turns ahead`;
}

function* wrongStop(model: Model, op: Op): Generator<string> {
  const { payload, reply } = op;
  if (reply?.status !== "ok") return yield "a stop was refused";
  const { turn_id, stopped } = reply.response;
  const ends = model.earliestEnds(op);
  const turn = model.turnOf(turn_id ?? undefined);
  const isOpen = (one: Turn) => precedes(one.op, op) && (ends.get(one) ?? 0) > op.repliedAt;
  if (payload.turn_id && turn_id !== payload.turn_id) yield "another turn was stopped";
  if (!turn && stopped) yield "an unknown turn was stopped";
  if (turn && stopped) {
    const end = model.endOf(turn);
    if (model.overAt(turn) <= op.begunAt) yield "a turn that was over was stopped";
    if (end && end.payload.metadata?.stopped !== true) yield "a stopped turn ended otherwise";
  }
  if (turn && !stopped && isOpen(turn)) yield "an open turn was not stopped";
  if (turn_id || payload.turn_id) return;
  const running = model.turns.find(
    (one) => isOpen(one) && model.askedFor(one).some(({ request }) => request.at < op.begunAt),
  );
  if (running) yield `the running turn ${contentOf(running)} was not stopped`;
}

function* wrongDuplicates(model: Model): Generator<string> {
  const byId = Map.groupBy(model.ops, ({ payload }) => payload.id);
  byId.delete(undefined);
  for (const ops of byId.values()) {
    const accepted = ops.filter(({ reply }) => reply?.status === "ok");
    const turnIds = new Set(accepted.map(({ reply }) => reply?.response.turn_id));
    if (turnIds.size > 1) yield `one id made ${turnIds.size} turns: ${ops.map(shown).join("; ")}`;
    const firsts = accepted.filter(({ reply, isTwice }) => isTwice || !reply?.response.duplicate);
    if (accepted.length > 0 && firsts.length !== 1)
      yield `${firsts.length} pushes of one id were the first: ${ops.map(shown).join("; ")}`;
    for (const op of ops) {
      const isKnown = firsts.some((first) => first !== op && precedes(first, op));
      if (isKnown && !(op.reply?.status === "ok" && op.reply.response.duplicate))
        yield `not taken for a duplicate: ${shown(op)}`;
    }
  }
}

function* wrongContext(model: Model, op: Op): Generator<string> {
  const context = op.reply?.response.context ?? {};
  const resets = model.resets.filter((reset) => !precedes(op, reset));
  for (const earlier of model.ops.filter((one) => one.event === "set_context" && precedes(one, op))) {
    const [key = ""] = Object.keys(Object(earlier.payload.context));
    const isGone = resets.some((reset) => precedes(earlier, reset) && precedes(reset, op));
    const mayBeGone = resets.some((reset) => !precedes(reset, earlier));
    if (isGone && key in context) yield `the context keeps ${key}`;
    if (!(key in context || mayBeGone)) yield `the context has lost ${key}`;
  }
}
