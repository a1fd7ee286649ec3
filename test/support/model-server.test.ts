import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { ChatOpenAI } from "@langchain/openai";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { gate, isStructured, startModelServer } from "./model-server.ts";

const server = await startModelServer({ jsonSchema: (model) => model !== "gpt-old" });
afterAll(() => server.close());
beforeEach(() => server.reset());

function chatFields(model: string, baseURL = server.url) {
  return { model, apiKey: "key", configuration: { baseURL }, maxRetries: 0 };
}

function chat(model = "gpt-test", baseURL = server.url) {
  return new ChatOpenAI(chatFields(model, baseURL));
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

const Finding = z.object({
  kind: z.enum(["bug", "style"]),
  steps: z.array(z.string()),
  confidence: z.number(),
  note: z.string().nullable(),
});

describe("answers", () => {
  it("the test's model streams text word by word, with usage", async () => {
    server.next("Three short words");
    expect(await read()).toMatchObject({
      pieces: ["Three", " short", " words"],
      reason: "stop",
      usage: { input_tokens: 1, output_tokens: 3 },
    });
    expect(server.requests).toMatchObject([
      { index: 0, user: "hi", stream: true, structured: false, closedByClientAt: undefined },
    ]);
  });

  it("the test's model answers by its scripts in order, then by the answer function, then by itself", async () => {
    server.answer(({ user }) => (user === "hi" ? undefined : "unused"));
    server.next({ chunks: ["a", "b"], model: "gpt-9", usage: { input: 7, output: 8 } });
    server.nextFor(isStructured, "not for this one");
    expect(await chat().invoke("x")).toMatchObject({
      text: "ab",
      response_metadata: { model_name: "gpt-9" },
      usage_metadata: { input_tokens: 7, output_tokens: 8 },
    });
    expect((await read()).text).toBe("Answer to: hi");
  });

  it.each(["jsonSchema", "functionCalling", "jsonMode"] as const)(
    "the test's model fills the schema by %s",
    async (method) => {
      const found = await chat().withStructuredOutput(Finding, { method }).invoke("Answer in JSON.").catch(String);
      if (method === "jsonMode") return expect(server.requests[0]?.responseFormat).toEqual({ type: "json_object" });
      expect(found).toEqual({ kind: "bug", steps: ["steps 1", "steps 2"], confidence: 0.5, note: "note" });
    },
  );

  it.each(["jsonSchema", "functionCalling", "jsonMode"] as const)(
    "the test's model gives scripted JSON by %s",
    async (method) => {
      const finding = { kind: "style", steps: [], confidence: 1, note: null };
      server.next({ json: finding });
      expect(await chat().withStructuredOutput(Finding, { method }).invoke("Answer in JSON.")).toEqual(finding);
    },
  );

  it("the test's model refuses what OpenAI refuses", async () => {
    const strict = { name: "x", strict: true, schema: { type: "object", properties: { a: { type: "string" } } } };
    const loose = chat().withConfig({ response_format: { type: "json_schema", json_schema: strict } });
    await expect(loose.invoke("hi")).rejects.toThrow("'additionalProperties' is required");
    await expect(chat().invoke([])).rejects.toThrow("empty array");
    const reasoning = new ChatOpenAI({ ...chatFields("gpt-5-mini"), temperature: 0.3 });
    await expect(reasoning.invoke("hi")).rejects.toThrow("does not support 0.3");
    await expect(chat("gpt-old").withStructuredOutput(Finding, { method: "jsonSchema" }).invoke("hi")).rejects.toThrow(
      "not supported with this model",
    );
  });
});

describe("time", () => {
  it("the test's model sends a gated reply one chunk at a time", async () => {
    const turn = gate();
    server.next({ text: "one two three", gate: turn });
    turn.release(); // stream() itself waits for the first chunk
    const reader = (await chat().stream("hi"))[Symbol.asyncIterator]();
    const nextText = async () => {
      for (;;) {
        const { value, done } = await reader.next();
        if (done || value.text) return value?.text;
      }
    };
    expect(await nextText()).toBe("one");
    await turn.held();
    turn.release(2);
    expect([await nextText(), await nextText()]).toEqual([" two", " three"]);
    await turn.held();
    turn.open();
    expect(await nextText()).toBeUndefined();
  });

  it("the test's model records when the client disconnects", async () => {
    const turn = gate();
    server.next({ text: "one two", gate: turn });
    const controller = new AbortController();
    const reading = read(controller.signal);
    const request = await server.waitForRequest(1);
    await turn.held();
    controller.abort();
    await expect(reading).rejects.toThrow("abort");
    await request.closed;
    expect(request.closedByClientAt).toBeGreaterThan(request.at);
  });
});

it("the test's model runs as a process for benchmarks", async () => {
  const main = new URL("model-server-main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, "--tokens=20", "--tokens-per-write=3", "--delay=1"]);
  try {
    const [line] = await once(createInterface(child.stdout), "line");
    const model = chat("bench", `http://127.0.0.1:${line.replace("listening on ", "")}/v1`);
    const pieces: string[] = [];
    for await (const chunk of await model.stream("hi")) if (chunk.text) pieces.push(chunk.text);
    expect(pieces).toHaveLength(20);
    const found = await model.withStructuredOutput(Finding, { method: "functionCalling" }).invoke("hi");
    expect(found.kind).toBe("bug");
  } finally {
    child.kill();
  }
});
