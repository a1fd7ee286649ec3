import { cutAfter, faults, type Reply, rateLimited, stallAfter } from "./model-replies.ts";

/** A way in which a model fails, however often it is asked. */
export interface Failure {
  /** Completes "a model that …". */
  name: string;
  /** The error code of a turn whose answer fails like this. */
  code: "model_timeout" | "model_rate_limited" | "model_refused" | "model_unavailable";
  /** When the server gives up: at once, after all retries, or after too long a silence. */
  givenUp: "at once" | "after retries" | "after silence";
  reply: () => Reply;
}

const inOneSecond = () => new Date(Date.now() + 1000).toUTCString();

type Row = [name: string, code: Failure["code"], givenUp: Failure["givenUp"], reply: Reply | (() => Reply)];

const rows: Row[] = [
  ["answers 400", "model_unavailable", "at once", faults.badRequest],
  ["answers 400, the context too long", "model_unavailable", "at once", faults.contextTooLong],
  ["answers 401", "model_unavailable", "at once", faults.unauthorized],
  ["answers 403", "model_unavailable", "at once", faults.forbidden],
  ["answers 404", "model_unavailable", "at once", faults.modelNotFound],
  ["answers 500", "model_unavailable", "after retries", faults.serverError],
  ["answers 503", "model_unavailable", "after retries", faults.overloaded],
  ["answers with an HTML page", "model_unavailable", "after retries", faults.htmlPage],
  ["answers with nothing", "model_unavailable", "at once", faults.empty],
  ["answers with blanks", "model_unavailable", "at once", { chunks: [" ", "\n", "\t "] }],
  ["is cut off before the headers", "model_unavailable", "after retries", { cutAfter: "request" }],
  ["is cut off after the headers", "model_unavailable", "after retries", cutAfter(0)],
  ["is cut off in mid-stream", "model_unavailable", "after retries", cutAfter(3)],
  ["puts an error into the stream", "model_unavailable", "after retries", faults.errorInStream],
  ["sends malformed JSON", "model_unavailable", "after retries", faults.malformedJson],
  ["sends malformed SSE", "model_unavailable", "after retries", faults.malformedSse],
  ["answers 429", "model_rate_limited", "after retries", rateLimited()],
  ["answers 429, the quota used up", "model_rate_limited", "at once", faults.quotaExceeded],
  ["answers 429 with a second to wait", "model_rate_limited", "after retries", rateLimited("1")],
  ["answers 429 with a date to wait for", "model_rate_limited", "after retries", () => rateLimited(inOneSecond())],
  ["answers 429 with an hour to wait", "model_rate_limited", "at once", rateLimited("3600")],
  ["answers 429 with ages to wait", "model_rate_limited", "at once", rateLimited("9".repeat(30))],
  ["answers 429 with a far date", "model_rate_limited", "at once", rateLimited("Fri, 31 Dec 2100 23:59:59 GMT")],
  ["answers 429 with no sense", "model_rate_limited", "after retries", rateLimited("soon")],
  ["refuses", "model_refused", "at once", faults.refusal],
  ["is stopped by a content filter", "model_refused", "at once", faults.contentFilter],
  ["refuses the prompt", "model_refused", "at once", faults.filteredPrompt],
  ["says nothing at all", "model_timeout", "after silence", faults.hang],
  ["says nothing after the headers", "model_timeout", "after silence", faults.hangAfterHeaders],
  ["stalls in mid-stream", "model_timeout", "after silence", stallAfter(3)],
];

export const failures: Failure[] = rows.map(([name, code, givenUp, reply]) => {
  return { name, code, givenUp, reply: typeof reply === "function" ? reply : () => reply };
});
