/**
 * The column `beginning` as JSON: what the model remembered, by reference. A question is stored as 2 × `seq` of its turn, an answer as
 * 2 × `seq` + 1, the summary as its hash in `texts`. Rows of older versions may contain whole messages.
 */
export interface MemoryRow {
  memory: (number | { role: "user" | "assistant"; content: string })[];
  summary?: string;
}

/** The turns that a turn remembered, by `seq`; `beginning` is its column. */
export function rememberedIn(beginning: string | null | undefined): number[] {
  const { memory = [] }: Partial<MemoryRow> = JSON.parse(beginning ?? "{}");
  return memory.flatMap((reference) => (typeof reference === "number" ? Math.floor(reference / 2) : []));
}
