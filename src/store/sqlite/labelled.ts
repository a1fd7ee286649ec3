import Database from "better-sqlite3";

/** A message with a label, in the format of the router's training data. `feedback`: a user named the engine. `model stage`: the router's model did. */
export interface LabelledMessage {
  id: string;
  source: "feedback" | "model stage";
  history: { role: "user" | "assistant"; content: string }[];
  context: object;
  content: string;
  label: string;
}

interface Row {
  id: string;
  seq: number;
  session_id: string;
  request: string;
  expected: string | null;
  routed: string | null;
}

const maxHistoryTurns = 3;

/** In UTF-16 units; longer answers are cut. */
const maxAnswerUnits = 1_500;

/** Less confident decisions of the model stage are no labels. */
const minConfidence = 0.8;

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
export function labelledMessages(path: string): LabelledMessage[] {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const labelled = database.prepare<[], Row>(selection);
    const earlier = database.prepare<[string, number], { request: string; outcome: string }>(
      `SELECT request, outcome FROM turns WHERE session_id = ? AND seq < ? AND NOT superseded AND outcome IS NOT NULL ORDER BY seq DESC LIMIT ${maxHistoryTurns}`,
    );
    return labelled.all().flatMap(({ id, seq, session_id, request, expected, routed }) => {
      const label = expected ?? routed;
      if (label === null) return [];
      const { query, context } = JSON.parse(request);
      const history = earlier.all(session_id, seq).reverse().flatMap(exchange);
      return [{ id, source: expected ? "feedback" : "model stage", history, context, content: query, label }];
    });
  } finally {
    database.close();
  }
}

function exchange({ request, outcome }: { request: string; outcome: string }): LabelledMessage["history"] {
  const answer: string = JSON.parse(outcome).response;
  return [
    { role: "user", content: JSON.parse(request).query },
    { role: "assistant", content: answer.slice(0, maxAnswerUnits) },
  ];
}
