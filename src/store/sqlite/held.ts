import type { Database } from "better-sqlite3";

import type { Claim } from "../turns.ts";

/** The condition of a conversation whose claim is valid. */
export const isValid = "id = ? AND epoch = ? AND lease_until IS NOT NULL";

/** Whether a claim is valid. */
export function claimCheck(database: Database): (claim: Claim) => boolean {
  const isHeld = database
    .prepare<[string, number], number>(`SELECT EXISTS (SELECT 1 FROM conversations WHERE ${isValid})`)
    .pluck();
  return ({ turn, epoch }) => isHeld.get(turn.conversationId, epoch) === 1;
}
