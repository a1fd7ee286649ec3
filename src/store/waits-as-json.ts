import type { RecordedWait } from "./records.ts";

/** A row of the table `waits`. */
export interface WaitRow {
  wait: string;
  asked_at: number | null;
  answered_at: number | null;
  earlier: string;
}

/** The questions of all waits of a turn as JSON, as they are recorded. */
export function waitsAsJson(row: WaitRow | undefined): string {
  if (!row) return "[]";
  const { questions } = JSON.parse(row.wait);
  const last: RecordedWait = {
    questions,
    askedAt: row.asked_at ?? undefined,
    answeredAt: row.answered_at ?? undefined,
  };
  return JSON.stringify([...JSON.parse(row.earlier), last]);
}
