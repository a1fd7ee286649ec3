/** The condition of a conversation whose claim is valid: `$1` is its id, `$2` the claim's epoch. */
export const isHeld = "id = $1 AND epoch = $2 AND lease_until IS NOT NULL";

/** A part of a statement that writes with a claim: has a row if the claim is valid, and keeps it valid until the commit. */
export const held = `held AS (SELECT 1 FROM conversations WHERE ${isHeld} FOR NO KEY UPDATE)`;
