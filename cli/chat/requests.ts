/** What a turn asks a person. */
export interface Asked {
  turn_id: string;
  interrupt_id: string;
  value: unknown;
}

interface Action {
  name: string;
  args?: unknown;
  description?: string;
}

/** The tool calls that LangChain's human-in-the-loop middleware asks about. Other requests have none. */
function actionsOf(value: unknown): readonly Action[] {
  const { actionRequests, action_requests } = Object(value);
  const actions = actionRequests ?? action_requests;
  return Array.isArray(actions) ? actions : [];
}

/** The question in words. */
export function questionIn({ value }: Asked): string {
  const actions = actionsOf(value);
  if (actions.length > 0) {
    const calls = actions.map(({ name, args }) => `${name} ${JSON.stringify(args ?? {})}`).join(", ");
    return `May it run ${calls}? y, or n and why`;
  }
  const { question, choices } = Object(value);
  if (typeof question !== "string") return typeof value === "string" ? value : JSON.stringify(value);
  return Array.isArray(choices) && choices.length > 0 ? `${question} (${choices.join(" / ")})` : question;
}

/** What the graph gets for the words. */
export function answerTo({ value }: Asked, words: string): unknown {
  const actions = actionsOf(value);
  if (actions.length === 0) return words;
  const [, no, reason = ""] = /^(?:y(?:es)?|(n(?:o)?)\b[\s,:]*(.*))$/is.exec(words) ?? ["", "no", words];
  const decision = no === undefined ? { type: "approve" } : { type: "reject", ...(reason && { message: reason }) };
  return { decisions: actions.map(() => decision) };
}
