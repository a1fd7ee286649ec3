import type { Turn } from "../store/turns.ts";
import type { Replies } from "./outbound.ts";

/** Turns in a page, where the client does not say. */
export const historyPage = 50;

/** A page ends early where it would be larger, in UTF-16 units of its texts; it has one turn at least. */
const longestPage = 524_288;

type Entry = Replies["get_history"]["turns"][number];

/** Turns as `get_history` shows them, the newest last; the older ones are left to the next page when they are too long. */
export function historyPageOf({ turns, hasMore }: { turns: Turn[]; hasMore: boolean }): Replies["get_history"] {
  const shown: Entry[] = [];
  let room = longestPage;
  for (const turn of turns.toReversed()) {
    const entry = entryOf(turn);
    room -= entry.query.length + entry.response.length + JSON.stringify(entry.metadata).length;
    if (room < 0 && shown.length > 0) return { turns: shown.reverse(), has_more: true };
    shown.push(entry);
  }
  return { turns: shown.reverse(), has_more: hasMore };
}

/** A turn as it is shown. */
export function entryOf({ id, request, status, acceptedAt, outcome }: Turn): Entry {
  return {
    turn_id: id,
    query: request.query,
    response: outcome?.response ?? "",
    conversation_type: outcome?.conversationType ?? null,
    routed_to: outcome?.routedTo ?? null,
    timestamp: outcome?.timestamp ?? acceptedAt,
    status,
    metadata: outcome?.metadata ?? {},
  } as Entry; // the store keeps what the registry named when the turn ran
}
