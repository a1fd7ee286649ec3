import type { HistoryStore, Page } from "../store/history.ts";
import type { Turn } from "../store/turns.ts";
import type { BacklogServices } from "./backlog.ts";
import { notedEntry } from "./operator.ts";
import type { Replies } from "./outbound.ts";

/** Turns per page if the client sets no limit. */
export const defaultPageSize = 50;

/** Maximum length of a page's texts, in UTF-16 units. A page has at least one turn. */
const maxPageUnits = 524_288;

type Entry = Replies["get_history"]["turns"][number];

/**
 * The reply to `get_history`, newest turn last. If the page is too long, its oldest turns are left to the next page. `reasoningOf` is for
 * members that asked for the reasoning, `noteOf` for operators.
 */
export async function historyPage(
  { turns, hasMore }: Page,
  { reasoningOf, noteOf }: { reasoningOf?: HistoryStore["reasoning"]; noteOf?: BacklogServices["noteOf"] },
): Promise<Replies["get_history"]> {
  const shown: Entry[] = [];
  let left = maxPageUnits;
  for (const turn of turns.toReversed()) {
    const reasoning = await reasoningOf?.(turn.id);
    const entry = { ...notedEntry(entryOf(turn), noteOf?.(turn.id)), ...(reasoning && { reasoning }) };
    left -= entry.query.length + entry.response.length + JSON.stringify(entry.metadata).length;
    left -= entry.reasoning?.length ?? 0;
    if (left < 0 && shown.length > 0) return { turns: shown.reverse(), has_more: true };
    shown.push(entry);
  }
  return { turns: shown.reverse(), has_more: hasMore };
}

/** A turn in the format of the wire. */
export function entryOf({ id, request, attachments, status, acceptedAt, outcome }: Turn): Entry {
  return {
    turn_id: id,
    query: request.query,
    ...(attachments && { attachments }),
    response: outcome?.response ?? "",
    conversation_type: outcome?.conversationType ?? null,
    routed_to: outcome?.routedTo ?? null,
    timestamp: outcome?.timestamp ?? acceptedAt,
    status,
    metadata: outcome?.metadata ?? {},
  } as Entry; // types and routes come from the registry at the time of the turn
}
