import { ChatOpenAI } from "@langchain/openai";
import { afterAll, beforeEach, expect, it, vi } from "vitest";

import { cutAfter, faults, huge, rateLimited, refusingUrl, startModelServer } from "./model-server.ts";

const server = await startModelServer();
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  vi.spyOn(console, "error").mockImplementation(() => {}); // the OpenAI SDK prints what it cannot parse
});

function chat(model = "gpt-test", baseURL = server.url) {
  return new ChatOpenAI({ model, apiKey: "key", configuration: { baseURL }, maxRetries: 0 });
}

async function read(signal?: AbortSignal) {
  const pieces: string[] = [];
  let reason: unknown;
  let usage: unknown;
  for await (const chunk of await chat().stream("hi", { signal })) {
    if (chunk.text) pieces.push(chunk.text);
    reason ??= chunk.response_metadata.finish_reason;
    usage ??= chunk.usage_metadata;
  }
  return { pieces, text: pieces.join(""), reason, usage };
}

const { hang, hangAfterHeaders, hangWithComments, ...ending } = faults;
const silent = { hang, hangAfterHeaders, hangWithComments };

it.each(Object.entries(silent))("the test's model: %s lasts until the client gives up", async (_name, reply) => {
  server.next(reply);
  const patience = new AbortController();
  const reading = expect(read(patience.signal)).rejects.toThrow(/abort/i);
  const request = await server.waitForRequest(1);
  patience.abort();
  await reading;
  await request.closed;
  expect(request.closedByClientAt).toBeDefined();
});

/** What ChatOpenAI 1.6 returns for each: the text and the error. */
const seen = {
  badRequest: /400 Invalid value/,
  unauthorized: /401/,
  forbidden: /403/,
  modelNotFound: /404/,
  quotaExceeded: /429/,
  serverError: /500/,
  overloaded: /503/,
  contextTooLong: /maximum context length/,
  responseFormatUnsupported: /not supported with this model/,
  filteredPrompt: /content policy/,
  cutBeforeHeaders: /Connection error/,
  errorInStream: /boom/,
  malformedJson: /malformed/,
  malformedSse: /malformed/,
  htmlPage: { text: "", reason: undefined },
  refusal: { text: "", reason: "stop" },
  contentFilter: { text: "The first part of", reason: "content_filter" },
  truncated: { text: "This answer was cut by its", reason: "length" },
  empty: { text: "", reason: "stop" },
  strayLines: { text: "A whole answer", reason: "stop" },
  splitUtf8: { text: faults.splitUtf8.text, reason: "stop" },
  doneMissing: { text: faults.doneMissing.text, reason: "stop" },
  unfinished: { text: faults.unfinished.text, reason: undefined },
  doneWithoutClose: { text: faults.doneWithoutClose.text, reason: "stop" },
} satisfies Record<keyof typeof ending, RegExp | object>;

it.each(Object.entries(seen))("the test's model: %s is what a client sees", async (name, expected) => {
  server.next(faults[name as keyof typeof faults]);
  if (expected instanceof RegExp) await expect(read()).rejects.toThrow(expected);
  else expect(await read()).toMatchObject(expected);
});

it("the test's model cuts in mid-stream after delivering what was sent", async () => {
  server.next(cutAfter(3));
  const pieces: string[] = [];
  const reading = (async () => {
    for await (const chunk of await chat().stream("hi")) if (chunk.text) pieces.push(chunk.text);
  })();
  await expect(reading).rejects.toThrow("terminated");
  expect(pieces).toEqual(["one", " two", " three"]);
  expect(server.requests[0]?.closedByClientAt).toBeUndefined();
});

it("the test's model can ask to wait, send 10 MB, and refuse connections", async () => {
  server.next(rateLimited("3"), huge());
  await expect(chat().invoke("hi")).rejects.toMatchObject({ status: 429 });
  expect((await read()).text).toHaveLength(10 * 1024 * 1024);
  await expect(chat("gpt-test", await refusingUrl()).invoke("hi")).rejects.toThrow("Connection error");
});
