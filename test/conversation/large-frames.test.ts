import { LongPoll } from "phoenix";
import { describe, expect } from "vitest";

import { limits } from "../../packages/client/protocol.ts";
import { DEFAULT_LIMITS } from "../../src/phoenix/limits.ts";
import { connect } from "../support/client.ts";
import { it } from "../support/fixture.ts";

const fresh = () => crypto.randomUUID();
const transports = [
  { name: "WebSocket", socketOptions: {} },
  { name: "long poll", socketOptions: { transport: LongPoll } },
] as const;

describe.each(transports)("over $name", ({ socketOptions }) => {
  const test = it.extend("client", async ({ server }, { onCleanup }) => {
    const client = await connect(server.url, { apiKey: "key-a", socketOptions: { ...socketOptions } });
    onCleanup(() => client.socket.disconnect());
    return client;
  });

  test.for([70_000, 1_000_000])(
    "a message of %s characters is refused, and nothing else happens",
    async (length, { client }) => {
      const [conversation, other] = [await client.join(fresh()), await client.join(fresh())];
      const { status, response } = await conversation.push("message", { content: "x".repeat(length) });
      expect({ status, ...response }).toMatchObject({
        status: "error",
        reason: "content_too_long",
        details: { code: "content_too_long", limit: 4000, length },
      });
      expect((await conversation.next("error")).details.code).toBe("content_too_long");
      expect((await conversation.push("typing", { typing: false })).status).toBe("ok");
      expect((await other.push("typing", { typing: false })).status).toBe("ok");
      expect(client.closes).toEqual([]);
    },
  );

  test.for([60_000, 80_000, 1_000_000])(
    "a context of %s bytes is refused with its limit",
    async (length, { client }) => {
      const conversation = await client.join(fresh());
      const { response } = await conversation.push("set_context", { context: { result: "x".repeat(length) } });
      expect(response).toMatchObject({ reason: "invalid_payload", message: expect.stringContaining("16384 bytes") });
      expect((await conversation.push("set_context", { context: { a: 1 } })).status).toBe("ok");
      expect(client.closes).toEqual([]);
    },
  );

  test("a frame of more than 1 MiB closes the socket", async ({ client }) => {
    const conversation = await client.join(fresh());
    conversation.channel.push("message", { content: "x".repeat(1_048_576) });
    expect([1009, 1011]).toContain((await client.closed()).code); // phoenix.js makes any failed POST a 1011
  });
});

it("a join with a ref of a megabyte is refused: refs are kept", async ({ server }) => {
  const client = await connect(server.url, { apiKey: "key-a" });
  const ref = "r".repeat(500_000);
  const answered = new Promise<{ payload: object }>((resolve) => {
    client.socket.onMessage((message: { ref?: string; payload?: object }) => {
      if (message.ref === ref) resolve({ payload: message.payload ?? {} });
    });
  });
  client.transports[0]?.send(JSON.stringify([ref, ref, `conversation:${fresh()}`, "phx_join", {}]));
  expect((await answered).payload).toMatchObject({ status: "error", response: { reason: "invalid_payload" } });
  await client.close();
});

it("the typed client knows the largest frame", () => {
  expect(limits.frameBytes).toBe(DEFAULT_LIMITS.frameBytes);
});
