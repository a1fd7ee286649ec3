import type { Recorded } from "./record.ts";

/**
 * A turn as a line of a dataset for `npm run eval`: its inputs, and what is expected of an answer. If feedback names the expected engine, the
 * client's choice is left out, so that the router has to find it.
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
