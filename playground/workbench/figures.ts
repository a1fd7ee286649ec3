import type { Metadata } from "../../src/workbench/wire/turns.ts";
import { dollars } from "../parts/dollars.ts";
import { duration } from "../parts/duration.ts";
import { engineName } from "../session/engines.ts";

export interface Figure {
  title: string;
  text: string;
  number?: number;
  written: (number: number) => string;
}

interface Answered {
  conversation_type: string | null;
  metadata: Metadata;
}

const deciders = { local: "local classifier", model: "model", client: "client", rule: "rule" };

/** The figures of a turn or a replay, as text and as numbers. Unknown ones are left out. */
export function figures(
  { conversation_type, metadata }: Answered,
  cost: number | null,
  firstWordMs: number | null,
): Figure[] {
  const { routing, model_used, processing_time, usage } = metadata;
  const all: { title: string; text?: string; number?: number; written?: (number: number) => string }[] = [
    { title: "Route", text: conversation_type ? engineName(conversation_type) : undefined },
    { title: "Decided by", text: routing && deciders[routing.decided_by] },
    { title: "Model", text: model_used },
    { title: "First word", number: firstWordMs ?? undefined, written: duration },
    { title: "Time", number: processing_time, written: duration },
    { title: "Tokens in", number: usage?.input_tokens },
    { title: "Tokens out", number: usage?.output_tokens },
    { title: "Model calls", number: usage?.llm_calls },
    { title: "Cost", number: cost ?? undefined, written: dollars },
  ];
  return all.flatMap(({ title, text, number, written = String }) => {
    if (number !== undefined) return [{ title, text: written(number), number, written }];
    return text ? [{ title, text, written }] : [];
  });
}

/** The difference with its sign; empty if a value is unknown. */
export function delta(
  before: number | undefined,
  after: number | undefined,
  written: (number: number) => string,
): string {
  if (before === undefined || after === undefined) return "";
  const difference = after - before;
  return difference === 0 ? "±0" : `${difference > 0 ? "+" : "−"}${written(Math.abs(difference))}`;
}
