import { randomUUID } from "node:crypto";
import { Socket } from "phoenix";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";

import { conversation } from "../../packages/client/conversation.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

function connected(apiKey = "key-a"): Socket {
  const socket = new Socket(server.url, { transport: WebSocket, params: { api_key: apiKey } });
  onTestFinished(() => socket.disconnect());
  socket.connect();
  return socket;
}

describe("a conversation that is open on a socket", () => {
  it("cannot be opened again, and the first handle goes on", async () => {
    const socket = connected();
    const id = randomUUID();
    const first = conversation(socket, id);
    expect(() => conversation(socket, id)).toThrow(expect.objectContaining({ code: "already_open" }));
    await first.joined;
    expect(() => conversation(socket, id)).toThrow(/already open .* leave it first/);
    await expect(first.ask("Hello?").response).resolves.toMatchObject({ response: "Answer to: Hello?" });
  });

  it("can be opened again in the same moment in which it was left", async () => {
    const socket = connected();
    const id = randomUUID();
    const first = conversation(socket, id);
    await first.joined;
    const pending = first.ask("Hello?", { id: "m1" });
    first.leave();
    first.leave();
    const second = conversation(socket, id);
    await expect(pending.accepted).rejects.toMatchObject({ code: "left" });
    await expect(second.ask("Hello?", { id: "m1" }).response).resolves.toMatchObject({
      response: "Answer to: Hello?",
    });
  });

  it("can be opened again before the first join was answered", async () => {
    const socket = connected();
    const id = randomUUID();
    conversation(socket, id).leave();
    await expect(conversation(socket, id).joined).resolves.toMatchObject({ conversation_id: id });
  });

  it("can be opened again after a refusal", async () => {
    const id = randomUUID();
    await conversation(connected(), id).joined;
    const socket = connected("key-b");
    await expect(conversation(socket, id).joined).rejects.toMatchObject({ code: "not_found" });
    await expect(conversation(socket, id).joined).rejects.toMatchObject({ code: "not_found" });
  });

  it("can be opened on another socket, beside other conversations", async () => {
    const id = randomUUID();
    const one = connected();
    await expect(conversation(one, id).joined).resolves.toMatchObject({ conversation_id: id });
    await expect(conversation(one, randomUUID()).joined).resolves.toBeDefined();
    await expect(conversation(connected(), id).joined).resolves.toMatchObject({ conversation_id: id });
  });
});
