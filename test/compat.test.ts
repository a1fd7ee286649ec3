import { afterAll, afterEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";

import { answerText } from "./support/client.ts";
import type { Payload } from "./support/payload.ts";
import { start } from "./support/start.ts";
import { XmlHttpRequest } from "./support/xml-http-request.ts";

/** What all versions of all clients have in common. */
interface AnyPush {
  receive(status: string, callback: (response: Payload) => void): AnyPush;
}
interface AnyChannel {
  join?: () => AnyPush;
  subscribe?: () => AnyPush;
  leave?: () => AnyPush;
  unsubscribe?: () => AnyPush;
  push(event: string, payload: object): AnyPush;
  on(event: string, callback: (payload: Payload) => void): unknown;
}
interface AnySocket {
  connect(): void;
  disconnect(): unknown;
  channel(topic: string, params: object): AnyChannel;
}

// Older versions look for a browser's globals.
vi.stubGlobal("self", globalThis);
vi.stubGlobal("XMLHttpRequest", XmlHttpRequest);

const params = { api_key: "key-a" };
const server = await start({ RATE_LIMIT_MESSAGES: "0" });
const opened: AnySocket[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.disconnect();
});
afterAll(() => {
  vi.unstubAllGlobals();
  return server.close();
});

function ok(push: AnyPush | undefined): Promise<Payload> {
  const { promise, resolve, reject } = Promise.withResolvers<Payload>();
  for (const status of ["error", "timeout"]) {
    push?.receive(status, (response) => reject(new Error(`${status} ${JSON.stringify(response)}`)));
  }
  push?.receive("ok", resolve);
  return promise;
}

function listen(channel: AnyChannel) {
  const seen: [string, Payload][] = [];
  const waiting = new Map<string, (payload: Payload) => void>();
  for (const event of [
    "thinking",
    "response_delta",
    "response",
    "context_updated",
    "error",
    "typing",
    "presence_state",
  ]) {
    channel.on(event, (payload) => {
      seen.push([event, payload]);
      waiting.get(event)?.(payload);
    });
  }
  return {
    named: (name: string) => seen.filter(([event]) => event === name).map(([, payload]) => payload),
    next: (event: string) => new Promise<Payload>((resolve) => waiting.set(event, resolve)),
  };
}

async function join(socket: AnySocket, topic: string) {
  const channel = socket.channel(topic, { preferences: { language: "en" } });
  const heard = listen(channel);
  const reply = await ok(channel.join?.() ?? channel.subscribe?.());
  return { channel, heard, reply };
}

function connected(socket: AnySocket): AnySocket {
  opened.push(socket);
  socket.connect();
  return socket;
}

async function holdsAConversation(socket: AnySocket, comesBackOn: AnySocket = socket): Promise<void> {
  connected(socket);
  const topic = `conversation:${crypto.randomUUID()}`;
  const { channel, heard, reply } = await join(socket, topic);
  expect(reply).toMatchObject({
    conversation_id: topic.slice("conversation:".length),
    user_id: "user-a",
    warnings: [],
  });

  server.model.answer(({ structured }) => (structured ? undefined : "Grüße aus 世界 👩‍🚀 and more words"));
  const response = heard.next("response");
  const accepted = await ok(
    channel.push("message", { content: "What is a process? 👩‍🚀", options: { engine: "simple" } }),
  );
  const { turn_id, ...turn } = await response;
  expect(turn_id).toBe(accepted.turn_id);
  expect(turn).toMatchObject({ query: "What is a process? 👩‍🚀", response: "Grüße aus 世界 👩‍🚀 and more words" });
  expect(heard.named("thinking").map(({ stage }) => stage)).toEqual(["accepted", "routed", "answering"]);
  expect(answerText(heard.named("response_delta"))).toBe(turn.response);

  const updated = heard.next("context_updated");
  expect(await ok(channel.push("set_context", { context: { database: "postgresql" } }))).toMatchObject({ context: {} });
  expect((await updated).context).toEqual({ database: "postgresql" });
  expect(await ok(channel.push("typing", { typing: true }))).toEqual({});
  const refused = heard.next("error");
  await expect(ok(channel.push("message", { content: 5 }))).rejects.toThrow("invalid_payload");
  expect((await refused).details.code).toBe("invalid_payload");
  expect(heard.named("presence_state")).toHaveLength(1);

  await ok(channel.leave?.() ?? channel.unsubscribe?.());
  const again = await join(comesBackOn, topic);
  expect(again.reply).toMatchObject({ session_id: reply.session_id, last_turn_id: turn_id });
  expect((await ok(again.channel.push("get_history", {}))).turns).toMatchObject([{ turn_id, status: "completed" }]);
}

const versions = ["phoenix-1.5", "phoenix-1.6", "phoenix-1.7", "phoenix-1.8.0", "phoenix"];

it.each(versions)("%s works over WebSocket", async (version) => {
  const { Socket } = await import(version);
  await holdsAConversation(new Socket(server.url, { params, transport: WebSocket }));
});

it.each(versions)("%s works over long poll", async (version) => {
  const { Socket, LongPoll } = await import(version);
  await holdsAConversation(new Socket(server.url, { params, transport: LongPoll }));
});

it("phoenix-channels 1.0.0 works with the V1 serializer", async () => {
  const name = "phoenix-channels"; // it has no types
  const { Socket } = await import(name);
  // Without a join_ref it confuses the close of a channel that it has left with the next channel on the same socket.
  await holdsAConversation(new Socket(server.url, { params }), connected(new Socket(server.url, { params })));
});

it("@supabase/realtime-js 1.7.5 works with the V1 serializer", async () => {
  const { RealtimeClient } = await import("@supabase/realtime-js");
  // Its channels are called subscriptions, and its pushes have one more status.
  await holdsAConversation(new RealtimeClient(server.url, { params }) as unknown as AnySocket);
});

it("phoenix 1.8.16 falls back to long poll if no WebSocket can be opened", async () => {
  const { Socket } = await import("phoenix");
  class Refused extends WebSocket {
    constructor() {
      super("ws://127.0.0.1:1/socket");
    }
  }
  // The types allow only the browser's WebSocket.
  const options = { params, transport: Refused as never, longPollFallbackMs: 1000 };
  await holdsAConversation(new Socket(server.url, options));
});
