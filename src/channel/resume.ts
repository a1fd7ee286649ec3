import type { Conversation, Store, TerminalEvent, Turn } from "../store/store.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import type { Joining } from "./join.ts";
import type { Viewer } from "./viewer.ts";

/** Terminal events that a member has not got, in order. With a cursor: what ended after it; without: what nobody acknowledged. */
export async function missedTurns(store: Store, { id }: Conversation, { resume }: Joining): Promise<Turn[]> {
  if (!resume) return await store.undelivered(id);
  const isInside = resume.offset !== undefined && resume.offset !== null;
  return (await store.endedAfter(id, resume.turn_id, isInside)) ?? (await store.undelivered(id));
}

/** Shows a member what it missed: the terminal events, then the running turn from where it stood. */
export function showMissed(viewer: Viewer, missed: Turn[], running: LiveTurn | undefined, { resume }: Joining): void {
  for (const turn of missed) {
    if (turn.outcome?.terminal) viewer.terminal(turn.id, again(turn, turn.outcome.terminal));
  }
  if (running) viewer.catchUp(running, resume?.turn_id === running.id ? (resume.offset ?? undefined) : undefined);
}

function again(turn: Turn, { event, payload }: TerminalEvent): TerminalEvent {
  if (!turn.wasSent) return { event, payload };
  if (event === "error") return { event, payload: { ...payload, redelivered: true } };
  const metadata = { ...turn.outcome?.metadata, redelivered: true };
  return { event, payload: { ...payload, metadata } };
}
