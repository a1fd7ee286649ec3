import Database from "better-sqlite3";

import { type Exchange, type LabelledMessage, labelledMessage, maxHistoryTurns, minConfidence } from "../labelled.ts";

interface Row {
  id: string;
  seq: number;
  session_id: string;
  request: string;
  expected: string | null;
  routed: string | null;
}

/** Feedback wins over the model stage, whose decisions only count for completed turns that nobody disliked. The words of a message with files say too little. */
const selection = `
SELECT id, seq, session_id, request, expected, outcome ->> '$.conversationType' AS routed
FROM turns LEFT JOIN feedback ON turn_id = id
WHERE attachments IS NULL AND (expected IS NOT NULL OR (
  status = 'completed' AND NOT superseded
  AND outcome ->> '$.metadata.routing.decided_by' = 'model'
  AND outcome ->> '$.metadata.routing.confidence' >= ${minConfidence}
  AND coalesce(score, 0) >= 0
))
ORDER BY seq`;

/** Opens the database read-only, which is safe while a server is using it. */
export function* sqliteLabelled(path: string): Generator<LabelledMessage> {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const labelled = database.prepare<[], Row>(selection);
    const earlier = database.prepare<[string, number], Exchange>(
      `SELECT request, outcome FROM turns WHERE session_id = ? AND seq < ? AND NOT superseded AND outcome IS NOT NULL ORDER BY seq DESC LIMIT ${maxHistoryTurns}`,
    );
    for (const row of labelled.all()) yield* labelledMessage(row, earlier.all(row.session_id, row.seq).reverse());
  } finally {
    database.close();
  }
}
