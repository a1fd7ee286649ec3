import { faults, type ModelRequest, type Reply } from "../support/model-server.ts";

/** How the model fails a visit's question; only the overloaded one is tried again. */
export const failures = {
  refused: faults.refusal,
  filtered: faults.filteredPrompt,
  bad: faults.badRequest,
  cut: { text: "one two three four five", cutAfter: 2 },
  overloaded: { ...faults.overloaded, headers: { "retry-after-ms": "1" } },
} satisfies Record<string, Reply>;

export type Failure = keyof typeof failures;

const words = Array.from({ length: 6 }, (_, index) => `Some words of an answer, part ${index}. `);

/** Questions say how they want to be answered: `slow …`, `fail:cut …`. Undefined leaves it to the server. */
export function replyTo(request: ModelRequest): Reply | undefined {
  if (request.system.includes("memory of a conversation")) return { text: "They talk of numbers." };
  if (request.structured) return undefined;
  const failure = /^fail:(\w+)/.exec(request.user)?.[1];
  if (failure) return failures[failure as Failure]; // the visits name no other
  return request.user.startsWith("slow") ? { chunks: words, chunkDelayMs: 10 } : { chunks: words };
}
