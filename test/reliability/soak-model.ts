import { faults, type ModelRequest, type Reply } from "../support/model-server.ts";

/** Failures of the model. Only `overloaded` is retried. */
export const failures = {
  refused: faults.refusal,
  filtered: faults.filteredPrompt,
  bad: faults.badRequest,
  cut: { text: "one two three four five", cutAfter: 2 },
  overloaded: { ...faults.overloaded, headers: { "retry-after-ms": "1" } },
} satisfies Record<string, Reply>;

export type Failure = keyof typeof failures;

const words = Array.from({ length: 6 }, (_, index) => `Some words of an answer, part ${index}. `);

/** The question decides the reply: `slow …`, `fail:cut …`. Undefined leaves it to the model server. */
export function replyTo(request: ModelRequest): Reply | undefined {
  if (request.system.includes("memory of a conversation")) return { text: "They talk of numbers." };
  if (request.structured) return undefined;
  const failure = /^fail:(\w+)/.exec(request.user)?.[1];
  if (failure) return failures[failure as Failure]; // visits use no others
  return request.user.startsWith("slow") ? { chunks: words, chunkDelayMs: 10 } : { chunks: words };
}
