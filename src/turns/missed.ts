import { createHash } from "node:crypto";

import type { Store } from "../store/store.ts";
import type { Outcome, Turn } from "../store/turns.ts";
import type { LiveEvent } from "./bus.ts";
import { GrowingText } from "./growing-text.ts";
import type { LiveTurn } from "./live-turn.ts";
import { terminalEvent } from "./terminal-event.ts";
import { leftBy, requestOf, waitingEvents } from "./waiting.ts";

/** Up to where a node knows what has happened in a conversation. */
export interface Mark {
  /** In the order in which turns end. */
  position: number;
  sessionId: string;
  /** A hash of the context. */
  context: string;
}

/** What a node knows beside its mark. Read when it is needed, since it changes while the store is asked. */
export interface Known {
  running(): LiveTurn | undefined;
  /** The members have been told of its end, or will be: it runs on this node. */
  isTold(turnId: string): boolean;
}

/** What is read of the store. */
export interface PastStore {
  conversations: Pick<Store["conversations"], "conversation">;
  deliveries: Pick<Store["deliveries"], "lastEnd" | "endsSince">;
  history: Pick<Store["history"], "turn" | "reasoning">;
  turns: Pick<Store["turns"], "steps">;
  toolCalls: Pick<Store["toolCalls"], "told">;
  waits: Pick<Store["waits"], "waiting" | "of">;
}

export async function markOf(store: PastStore, conversationId: string): Promise<Mark | undefined> {
  const position = await store.deliveries.lastEnd(conversationId);
  const conversation = await store.conversations.conversation(conversationId);
  return conversation && { position, sessionId: conversation.sessionId, context: hash(conversation.context) };
}

/** What has happened since the mark and is in the store, as the events that tell it. Returns the new mark. */
export async function* missedSince(
  store: PastStore,
  conversationId: string,
  mark: Mark,
  known: Known,
): AsyncGenerator<LiveEvent, Mark> {
  const conversation = await store.conversations.conversation(conversationId);
  if (!conversation) return mark;
  const timestamp = new Date().toISOString();
  const shown = known.running();
  const current = shown && (await store.history.turn(conversationId, shown.id));
  const ends = await store.deliveries.endsSince(conversationId, mark.position);
  const { sessionId, context } = conversation;
  if (current?.outcome && !known.isTold(current.id) && !ends.some(({ turnId }) => turnId === current.id))
    yield* endOf(store, current, current.outcome, known);
  if (sessionId !== mark.sessionId) {
    const isReset = current && current.sessionId !== sessionId && !current.outcome;
    yield { type: "reset", turnIds: isReset ? [current.id] : [], payload: { session_id: sessionId, timestamp } };
  }
  let { position } = mark;
  for (const end of ends) {
    const turn = known.isTold(end.turnId) ? undefined : await store.history.turn(conversationId, end.turnId);
    if (turn && turn.sessionId !== sessionId) break; // there was another reset meanwhile
    if (turn?.outcome) yield* endOf(store, turn, turn.outcome, known);
    position = end.position;
  }
  yield* waitOf(store, conversationId, current, known);
  if (hash(context) !== mark.context && sessionId === mark.sessionId)
    yield { type: "notice", event: "context_updated", payload: { context, timestamp } };
  return { position, sessionId, context: hash(context) };
}

export function hash(context: object): string {
  return createHash("sha256").update(JSON.stringify(context)).digest("base64url");
}

/** The rest of the turn's texts, and its end. */
async function* endOf(store: PastStore, turn: Turn, outcome: Outcome, known: Known): AsyncGenerator<LiveEvent> {
  const { id: turnId } = turn;
  const reasoning = (await store.history.reasoning(turnId)) ?? "";
  if (known.isTold(turnId)) return;
  const running = known.running();
  const shown = running?.id === turnId ? running : undefined;
  if (shown) {
    const thoughts = shown.reasoning ?? new GrowingText(shown.answer.restarts);
    yield* restOf("reasoning", turnId, thoughts, reasoning);
    yield* restOf("text", turnId, shown.answer, outcome.response);
  }
  const late = { answer: outcome.response, reasoning };
  yield { type: "ended", turnId, terminal: terminalEvent(turn, outcome), isSent: turn.wasSent, late };
}

function* restOf(type: "text" | "reasoning", turnId: string, known: GrowingText, whole: string): Generator<LiveEvent> {
  const said = known.text();
  const goesOn = whole.startsWith(said);
  const restarts = known.restarts + (goesOn ? 0 : 1);
  const offset = goesOn ? said.length : 0;
  const text = whole.slice(offset);
  if (text !== "" || !goesOn) yield { type, turnId, restarts, offset, text };
}

/** What the turn waits for, as far as it is not known. */
async function* waitOf(
  store: PastStore,
  conversationId: string,
  current: Turn | undefined,
  known: Known,
): AsyncGenerator<LiveEvent> {
  const found = await store.waits.waiting(conversationId);
  const running = known.running();
  if (running && known.isTold(running.id)) return;
  const asked = running?.requests.map(({ interrupt_id }) => interrupt_id) ?? [];
  if (!found || found.turn.id !== running?.id) {
    const { id: turnId, outcome } = current ?? {};
    if (running && running.id === turnId && !outcome && asked.length > 0)
      yield { type: "answered", turnId, interruptIds: asked }; // it runs again
    if (found && !running) yield* waitingEvents(found.turn, { ...(await leftBy(store, found.turn)), wait: found.wait });
    return;
  }
  const turnId = found.turn.id;
  const open = found.wait.questions.filter(({ answer }) => !answer).map(requestOf);
  const isAsked = ({ interrupt_id }: { interrupt_id: string }) => asked.includes(interrupt_id);
  const interruptIds = asked.filter((id) => !open.some(({ interrupt_id }) => interrupt_id === id));
  if (interruptIds.length > 0) yield { type: "answered", turnId, interruptIds };
  if (open.some((request) => !isAsked(request))) {
    yield* restOf("text", turnId, running.answer, found.wait.answer.text);
    yield { type: "requested", turnId, requests: open };
  }
}
