import type { Conversation } from "../store/conversations.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Joining } from "./join.ts";
import type { Viewer } from "./viewer.ts";

/** The turns whose end a member has not got, in order. With a cursor: what ended after it; without: what nobody acknowledged. */
export async function missedTurns(
  deliveries: Deliveries,
  { id }: Conversation,
  { resume }: Joining,
): Promise<string[]> {
  if (!resume) return await deliveries.undelivered(id);
  const { turn_id, offset } = resume;
  return (await deliveries.endedAfter(id, turn_id, offset ?? undefined)) ?? (await deliveries.undelivered(id));
}

/** Shows a member what it missed: the terminal events, then the running turn from where it stood. */
export function showMissed(viewer: Viewer, missed: string[], running: LiveTurn | undefined, { resume }: Joining): void {
  viewer.missed(missed);
  if (running) viewer.catchUp(running, resume?.turn_id === running.id ? (resume.offset ?? undefined) : undefined);
}
