import type { Recorded } from "./record.ts";

/** A turn as a line of a dataset for `npm run eval`: what it was asked with, and what is expected of an answer. */
export function datasetLine({ turn, memory }: Recorded) {
  const { query, context, options, preferences } = turn.request;
  return {
    id: turn.id,
    history: (memory?.messages ?? []).map((message) => ({
      role: message.type === "human" ? "user" : "assistant",
      content: message.text,
    })),
    ...(memory?.summary && { summary: memory.summary }),
    context,
    options,
    preferences,
    content: query,
    expect: { type: turn.outcome?.conversationType ?? null },
    reference: turn.outcome?.response ?? "",
  };
}
