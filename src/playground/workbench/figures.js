/** The figures of a turn or a replay, in words and as numbers; what is not known is left out. */
export function figures({ turn, cost }) {
  const { routing, model_used, processing_time, usage } = turn.metadata ?? {};
  return [
    { title: "Route", text: turn.conversation_type?.replaceAll("_", " ") },
    { title: "Decided by", text: routing?.decided_by },
    { title: "Model", text: model_used },
    { title: "Time", number: processing_time, written: duration },
    { title: "Tokens in", number: usage?.input_tokens },
    { title: "Tokens out", number: usage?.output_tokens },
    { title: "Model calls", number: usage?.llm_calls },
    { title: "Cost", number: cost ?? undefined, written: dollars },
  ]
    .map(({ number, written = count, text = number === undefined ? undefined : written(number), ...rest }) => {
      return { ...rest, number, written, text };
    })
    .filter(({ text }) => text !== undefined);
}

/** What has become more or less, with its sign. */
export function delta(before, after, written) {
  if (before === undefined || after === undefined) return "";
  const difference = after - before;
  return difference === 0 ? "±0" : `${difference > 0 ? "+" : "−"}${written(Math.abs(difference))}`;
}

export const duration = (ms) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`);
const dollars = (usd) => `$${usd.toFixed(usd < 0.01 ? 6 : 4)}`;
const count = (number) => number.toLocaleString("en");
