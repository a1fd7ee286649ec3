import Database from "better-sqlite3";

/** A message whose engine was named in a user's feedback, in the format of the router's training data. */
export interface LabelledMessage {
  id: string;
  source: "feedback";
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
  expected: string;
}

const maxHistoryTurns = 3;

/** In UTF-16 units; longer answers are cut. */
const maxAnswerUnits = 1_500;

/** Opens the database read-only, which is safe while a server is using it. */
export function labelledMessages(path: string): LabelledMessage[] {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const labelled = database.prepare<[], Row>(
      "SELECT id, seq, session_id, request, expected FROM turns JOIN feedback ON turn_id = id WHERE expected IS NOT NULL ORDER BY seq",
    );
    const earlier = database.prepare<[string, number], { request: string; outcome: string }>(
      `SELECT request, outcome FROM turns WHERE session_id = ? AND seq < ? AND NOT superseded AND outcome IS NOT NULL ORDER BY seq DESC LIMIT ${maxHistoryTurns}`,
    );
    return labelled.all().map(({ id, seq, session_id, request, expected }) => {
      const { query, context } = JSON.parse(request);
      const history = earlier.all(session_id, seq).reverse().flatMap(exchange);
      return { id, source: "feedback", history, context, content: query, label: expected };
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
