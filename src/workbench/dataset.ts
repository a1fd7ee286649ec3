import type { Recorded } from "./record.ts";

/**
 * A turn as a line of a dataset for `npm run eval`: what it was asked with, and what is expected of an answer. The engine that a user's
 * feedback named is left to the router to find.
 */
export function datasetLine({ turn, memory, rating }: Recorded) {
  const { query, context, options, preferences, engine } = turn.request;
  const expected = rating?.expected;
  return {
    id: turn.id,
    history: (memory?.messages ?? []).map((message) => ({
      role: message.type === "human" ? ("user" as const) : ("assistant" as const),
      content: message.text,
    })),
    ...(memory?.summary && { summary: memory.summary }),
    context,
    options,
    preferences,
    content: query,
    ...(engine && !expected && { engine }),
    expect: { type: expected ?? turn.outcome?.conversationType ?? null },
    reference: turn.outcome?.response ?? "",
  };
}
