import { expect, it } from "vitest";

import { simple } from "../support/conversation.ts";
import { start } from "../support/start.ts";

it("messages over the limit are refused with the time to wait, on all sockets of that user only", async () => {
  await using server = await start({ RATE_LIMIT_MESSAGES: "3" });
  await using one = await server.connect();
  await using two = await server.connect();
  await using other = await server.connect({ apiKey: "key-b" });
  const [first, second, third] = [await one.join("c"), await two.join("d"), await other.join("e")];
  await first.ask("1", simple);
  await second.ask("2", simple);
  await first.ask("3", simple);
  for (const conversation of [first, second]) {
    const { status, response } = await conversation.push("message", { content: "4", ...simple });
    expect(status).toBe("error");
    expect(response).toMatchObject({ reason: "rate_limited", details: { retry_after_ms: expect.any(Number) } });
    expect(response.details.retry_after_ms).toBeGreaterThan(0);
    expect(response.details.retry_after_ms).toBeLessThanOrEqual(60_000);
    expect(await conversation.next("error")).toMatchObject({
      details: { code: "rate_limited", retry_after_ms: expect.any(Number) },
    });
    expect((await conversation.push("typing", { typing: true })).status).toBe("ok");
  }
  expect((await third.ask("1", simple)).terminal.event).toBe("response");
  expect(server.model.requests).toHaveLength(4);
});

it("a refused message does not count towards the limit", async () => {
  await using server = await start({ RATE_LIMIT_MESSAGES: "1" });
  await using client = await server.connect();
  const conversation = await client.join("c");
  for (const content of ["", "x".repeat(4001), 5]) await conversation.push("message", { content });
  await conversation.push("message", { content: "Hi", llm_config: { model: "gpt-9" } });
  expect((await conversation.ask("Hi", simple)).terminal.event).toBe("response");
});

it("pushes of any kind over the limit are refused, and the channel goes on", async () => {
  await using server = await start({ RATE_LIMIT_PUSHES: "5" });
  await using client = await server.connect();
  const conversation = await client.join("c");
  const replies = await Promise.all(Array.from({ length: 8 }, () => conversation.push("typing", { typing: true })));
  expect(replies.map(({ status }) => status)).toEqual([...Array(5).fill("ok"), ...Array(3).fill("error")]);
  expect(replies.at(-1)?.response).toMatchObject({
    reason: "rate_limited",
    details: { retry_after_ms: expect.any(Number) },
  });
  expect(conversation.channel.state).toBe("joined");
});

it("handshakes over the limit are refused with 429", async () => {
  await using server = await start({ RATE_LIMIT_CONNECTIONS: "2" });
  await using _one = await server.connect();
  await using _two = await server.connect();
  await expect(server.connect()).rejects.toMatchObject({ status: 429 });
});

it("a limit of 0 is disabled", async () => {
  const off = { RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0", RATE_LIMIT_JOINS: "0", RATE_LIMIT_CONNECTIONS: "0" };
  await using server = await start(off);
  await using client = await server.connect();
  const conversation = await client.join("c");
  const pushes = Array.from({ length: 90 }, () => conversation.push("typing", { typing: true }));
  expect((await Promise.all(pushes)).every(({ status }) => status === "ok")).toBe(true);
  for (let index = 0; index < 65; index += 1) await conversation.ask(`${index}`, simple);
});
