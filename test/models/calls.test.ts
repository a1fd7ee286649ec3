import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { CompletionReader } from "../../src/models/reading/completion-reader.ts";
import type { Piece } from "../../src/models/reading/piece.ts";
import { gate, startModelServer } from "../support/model-server.ts";
import { events, listen, modelAt, question } from "./support.ts";

const server = await startModelServer();
const model = modelAt(server.url, { MODEL: "gpt-test" });

beforeEach(() => server.reset());
afterAll(() => server.close());

/** Records LangChain's callbacks. */
class Listener extends BaseCallbackHandler {
  readonly name = "listener";
  readonly heard: string[] = [];

  override handleChatModelStart() {
    this.heard.push("start");
  }

  override handleLLMEnd() {
    this.heard.push("end");
  }
}

/** Asks for streamed chunks, like LangGraph's `messages` stream. */
class TokenListener extends Listener {
  readonly lc_prefer_streaming = true;

  override handleLLMNewToken(token: string) {
    this.heard.push(token);
  }
}

describe("a call", () => {
  it("calls no callbacks if there are none, and returns the same", async () => {
    const listener = new Listener();
    const [quiet, heard] = [
      await model.chat().invoke(question),
      await model.chat().invoke(question, { callbacks: [listener] }),
    ];
    expect(listener.heard).toEqual(["start", "end"]);
    expect(quiet.text).toBe("Answer to: Hi");
    expect([quiet.content, quiet.usage_metadata]).toEqual([heard.content, heard.usage_metadata]);
    expect(quiet.response_metadata).toEqual(heard.response_metadata);
  });

  it("calls the callbacks of its graph, and is aborted with it", async () => {
    server.next("Here", { stallAfter: "request" });
    const listener = new Listener();
    const node = async () => ({ answer: (await model.chat().invoke(question)).text });
    const graph = new StateGraph(Annotation.Root({ answer: Annotation<string> }))
      .addNode("respond", node)
      .addEdge(START, "respond")
      .addEdge("respond", END)
      .compile();
    expect(await graph.invoke({}, { callbacks: [listener] })).toEqual({ answer: "Here" });
    expect(listener.heard).toEqual(["start", "end"]);

    const controller = new AbortController();
    const running = graph.invoke({}, { signal: controller.signal });
    const request = await server.waitForRequest(2);
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await request.closed;
    expect(listener.heard).toHaveLength(2);
  });

  it("streams to a callback that wants tokens, and to onText", async () => {
    server.next({ chunks: ["one ", "two"], chunkDelayMs: 20 });
    const listener = new TokenListener();
    const texts: string[] = [];
    const onText = (text: string) => texts.push(text) > 0;
    const reply = await model.chat().invoke(question, { callbacks: [listener], onText });
    expect(reply.text).toBe("one two");
    expect(reply.usage_metadata).toMatchObject({ output_tokens: expect.any(Number) });
    expect(listener.heard.join("|")).toMatch(/^start\|.*one .*\|.*two.*\|end$/);
    expect(texts.join("")).toBe("one two");
  });

  it("streams like LangChain's models", async () => {
    server.next({ chunks: ["one ", "two"], chunkDelayMs: 20 }, "three");
    let text = "";
    for await (const chunk of await model.chat().stream(question)) text += chunk.text;
    expect(text).toBe("one two");
    expect((await model.chat().streamEvents(question)).text).toBe("three");
    expect(server.requests.map(({ headers }) => headers["user-agent"])).toEqual(Array(2).fill("conversation-channel"));
  });
});

describe("the request of a call", () => {
  it.each(["request", 0, 2] as const)("is closed at once by an abort (after %s)", async (stallAfter) => {
    server.next({ text: "one two three", stallAfter });
    const controller = new AbortController();
    const call = model.chat().invoke(question, { signal: controller.signal });
    const request = await server.waitForRequest(1);
    controller.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await request.closed;
    expect(request.closedByClientAt).toBeDefined();
  });

  it("is not sent if it was aborted before", async () => {
    await expect(model.chat().invoke(question, { signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
    expect(server.requests).toHaveLength(0);
  });

  it("is closed when onText returns false", async () => {
    server.next({ text: "one two three", stallAfter: 2 });
    const reply = await model.chat().invoke(question, { onText: () => false });
    expect("one two three".startsWith(reply.text)).toBe(true);
    await server.requests[0]?.closed;
    expect(server.requests[0]?.closedByClientAt).toBeDefined();
  });

  it("is closed when the stream's consumer stops", async () => {
    server.next({ text: "one two three", stallAfter: 2 });
    for await (const _chunk of await model.chat().stream(question)) break;
    await server.requests[0]?.closed;
    expect(server.requests[0]?.closedByClientAt).toBeDefined();
  });

  it("ends even if the server keeps the connection open", async () => {
    const door = gate();
    server.next({ text: "Here", done: "open", gate: door });
    const call = model.ask();
    door.open();
    expect(await call).toBe("Here");
  });
});

it("a complete answer counts, whatever its connection does afterwards", async () => {
  const breaking: Server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(events("Here").replace("data: [DONE]\n\n", ""), () => response.destroy());
  });
  const url = await listen(breaking);
  expect(await modelAt(url).ask({ retries: 0 })).toBe("Here");
  breaking.close();
  await once(breaking, "close");
});

describe("a reply", () => {
  it("is read correctly, wherever the network splits it", () => {
    const words = ["Grüße, ", "世界 ", "👩‍🚀", "\n\n", "data: x"];
    const bytes = Buffer.from(
      [
        ": comment\r\n\r\n",
        ...words.map((word) => `data: ${JSON.stringify({ choices: [{ delta: { content: word } }] })}\n\n`),
        events("!"),
      ].join(""),
    );
    const places = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(places, (cuts) => {
        const pieces: Piece[] = [];
        const reader = new CompletionReader({ onPiece: (piece) => pieces.push(piece) });
        reader.begin({ "content-type": "text/event-stream" });
        let from = 0;
        for (const to of [...cuts.sort((one, other) => one - other), bytes.length]) {
          reader.read(bytes.subarray(from, to));
          from = to;
        }
        expect(pieces.map(({ text }) => text).join("")).toBe(`${words.join("")}!`);
        expect([reader.isOver, reader.isFinished]).toEqual([true, true]);
      }),
    );
  });
});
