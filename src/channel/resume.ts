import type { Conversation } from "../store/conversations.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import type { Deliveries } from "./deliveries.ts";
import type { JoinParams } from "./join.ts";
import type { Viewer } from "./viewer.ts";

/** Ids of the turns whose terminal event a member has missed, in order: those after its cursor or, without one, those that nobody acknowledged. */
export async function missedTurns(
  deliveries: Deliveries,
  { id }: Conversation,
  { resume }: JoinParams,
): Promise<string[]> {
  if (!resume) return await deliveries.undelivered(id);
  const { turn_id, offset } = resume;
  return (await deliveries.endedAfter(id, turn_id, offset ?? undefined)) ?? (await deliveries.undelivered(id));
}

/** Sends a member the terminal events it has missed, then the running turn from its cursor on. */
export function showMissed(
  viewer: Viewer,
  missed: string[],
  running: LiveTurn | undefined,
  { resume }: JoinParams,
): void {
  viewer.missed(missed);
  if (running) viewer.catchUp(running, resume?.turn_id === running.id ? (resume.offset ?? undefined) : undefined);
}
