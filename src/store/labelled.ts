/** A message with a label, in the format of the router's training data. `feedback`: a user named the engine. `model stage`: the router's model did. */
export interface LabelledMessage {
  id: string;
  source: "feedback" | "model stage";
  history: { role: "user" | "assistant"; content: string }[];
  context: object;
  content: string;
  label: string;
}

/** An earlier turn of the same session. */
export interface Exchange {
  request: string;
  outcome: string;
}

export const maxHistoryTurns = 3;

/** Less confident decisions of the model stage are no labels. */
export const minConfidence = 0.8;

/** In UTF-16 units; longer answers are cut. */
const maxAnswerUnits = 1_500;

/** `expected` is the engine that feedback named, `routed` the one that the model stage chose. The exchanges are the latest, oldest first. */
export function labelledMessage(
  { id, request, expected, routed }: { id: string; request: string; expected: string | null; routed: string | null },
  earlier: readonly Exchange[],
): LabelledMessage[] {
  const label = expected ?? routed;
  if (label === null) return [];
  const { query, context } = JSON.parse(request);
  const source = expected ? "feedback" : "model stage";
  return [{ id, source, history: earlier.flatMap(messagesOf), context, content: query, label }];
}

function messagesOf({ request, outcome }: Exchange): LabelledMessage["history"] {
  const answer: string = JSON.parse(outcome).response;
  return [
    { role: "user", content: JSON.parse(request).query },
    { role: "assistant", content: answer.slice(0, maxAnswerUnits) },
  ];
}
