import { duration } from "../turn/duration.js";
import { dollars } from "../turn/facts-view.js";

/** The figures of a turn or a replay, as text and as numbers. Unknown ones are left out. */
export function figures({ conversation_type, metadata }, cost) {
  const { routing, model_used, processing_time, usage } = metadata ?? {};
  const all = [
    { title: "Route", text: conversation_type?.replaceAll("_", " ") },
    { title: "Decided by", text: routing?.decided_by },
    { title: "Model", text: model_used },
    { title: "Time", number: processing_time, written: duration },
    { title: "Tokens in", number: usage?.input_tokens },
    { title: "Tokens out", number: usage?.output_tokens },
    { title: "Model calls", number: usage?.llm_calls },
    { title: "Cost", number: cost ?? undefined, written: dollars },
  ];
  const known = all.filter(({ text, number }) => (text ?? number) !== undefined);
  return known.map(({ written = String, ...rest }) => ({ text: written(rest.number), written, ...rest }));
}

/** The difference with its sign; empty if a value is unknown. */
export function delta(before, after, written) {
  if (before === undefined || after === undefined) return "";
  const difference = after - before;
  return difference === 0 ? "±0" : `${difference > 0 ? "+" : "−"}${written(Math.abs(difference))}`;
}
