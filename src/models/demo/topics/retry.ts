import { bulleted, fenced, paragraphs } from "../markdown.ts";

const retry = `
export interface RetryOptions {
  attempts?: number;
  firstDelayMs?: number;
  signal?: AbortSignal;
}

/** Calls \`request\` until it succeeds. Waits twice as long after each failure, with some chance in it. */
export async function retry<T>(
  request: () => Promise<T>,
  { attempts = 4, firstDelayMs = 200, signal }: RetryOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt >= attempts) throw error;
      const longest = firstDelayMs * 2 ** (attempt - 1);
      await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
    }
  }
}
`;

const test = `
it("returns the first success", async () => {
  let calls = 0;
  const request = async () => {
    calls += 1;
    if (calls < 3) throw new Error("not yet");
    return "done";
  };
  expect(await retry(request, { firstDelayMs: 1 })).toBe("done");
  expect(calls).toBe(3);
});

it("gives up with the last error", async () => {
  const request = () => Promise.reject(new Error("never"));
  await expect(retry(request, { attempts: 2, firstDelayMs: 1 })).rejects.toThrow("never");
});
`;

export const retrying = {
  fits: /\bretr(?:y|ies|ying)\b|\bback.?off\b/i,
  generation: {
    steps: [
      "Call the request, and return its result",
      "Wait after a failure, twice as long each time",
      "Give up with the last error",
      "Test the success and the giving up",
    ],
    answer: paragraphs(
      fenced("ts", retry),
      "Tests, with delays of a millisecond:",
      fenced("ts", test),
      bulleted([
        "The **random part** keeps many clients from coming back at the same moment.",
        "An aborted `signal` ends it with the signal's reason after the current attempt.",
        "I assumed that repeating the request is safe. For a request that changes something, send the same idempotency key each time.",
      ]),
    ),
  },
  followUp: paragraphs(
    "On `retry` from before: let the caller say which errors are worth another try, and ask first.",
    fenced(
      "ts",
      "const isWorthRetrying = options.isWorthRetrying ?? (() => true);\n// …\nif (attempt >= attempts || !isWorthRetrying(error)) throw error;",
    ),
    "A 400 or a 401 will fail again; a 429, a 503 or a lost connection may not.",
  ),
};
