import type { Overview } from "./records.ts";

/** What adapters read of a conversation in a list. */
export interface OverviewRow {
  id: string;
  /** Of the session's first turn; null if there is none. */
  request: string | null;
  /** Of the session's newest turn. */
  accepted_at: string | null;
  session_at: string;
  /** SQLite has 0 and 1. */
  running: boolean | number;
  waiting: boolean | number;
  turns: number;
}

/** In UTF-16 units; longer titles are cut. */
const maxTitleUnits = 120;

export function overviewOf({ id, request, accepted_at, session_at, running, waiting, turns }: OverviewRow): Overview {
  const title: string = request === null ? "" : JSON.parse(request).query;
  return {
    id,
    title: title.slice(0, maxTitleUnits).toWellFormed(),
    updatedAt: accepted_at ?? session_at,
    turns,
    isRunning: Boolean(running),
    isWaiting: Boolean(waiting),
  };
}
