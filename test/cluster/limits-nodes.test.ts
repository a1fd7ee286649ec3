import { expect, it } from "vitest";

import { figures, percentile } from "../reliability/support.ts";
import type { Client } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { isLong } from "../support/size.ts";
import { cluster } from "./support/cluster.ts";

type Nodes = Awaited<ReturnType<typeof cluster>>;

const sockets = 50;

/** Sockets of one key, the nth on node n mod 3, each in a conversation of its own. */
async function joined({ nodes }: Nodes, count: number) {
  const clients: Client[] = [];
  for (let n = 0; n < count; n += 1) {
    const node = nodes[n % nodes.length];
    if (node) clients.push(await node.connect());
  }
  const conversations = await Promise.all(clients.map((client, n) => client.join(`limits-${n}`)));
  return { conversations, close: () => Promise.all(clients.map((client) => client.close())) };
}

it("one key on 50 sockets over three nodes gets the limit, and not more than 5 % on top", async () => {
  await using nodes = await cluster({ nodes: 3, env: { RATE_LIMIT_PUSHES: "600", RATE_LIMIT_MESSAGES: "60" } });
  const { conversations, close } = await joined(nodes, sockets);
  const beganAt = performance.now();

  async function pushed(event: "message" | "typing", payload: object, each: number): Promise<number> {
    const pushes = conversations.flatMap((one) => Array.from({ length: each }, () => one.push(event, payload)));
    const replies = await Promise.all(pushes);
    for (const { status, response } of replies) if (status !== "ok") expect(response.reason).toBe("rate_limited");
    return replies.filter(({ status }) => status === "ok").length;
  }

  const messages = await pushed("message", { content: "Hi", ...simple }, 4);
  const others = await pushed("typing", { typing: true }, 12);
  expect(performance.now() - beganAt).toBeLessThan(60_000); // one window
  const pushes = sockets * 4 + others; // a message over its own limit was a push too
  figures("one key on 50 sockets over 3 nodes", { messages, of: 60, pushes, ofPushes: 600 });
  expect(messages).toBeGreaterThanOrEqual(60);
  expect(messages).toBeLessThanOrEqual(63);
  expect(pushes).toBeGreaterThanOrEqual(600);
  expect(pushes).toBeLessThanOrEqual(630);
  await close();
});

it("while Redis is away each node counts alone, and when it comes back empty nobody gets more on the same node", async () => {
  await using nodes = await cluster({ nodes: 2, env: { RATE_LIMIT_MESSAGES: "6" } });
  const { conversations, close } = await joined(nodes, 2);
  const [one, other] = conversations;
  const asked = async (conversation = one, count = 1) => {
    const replies = [];
    for (let n = 0; n < count; n += 1) replies.push(await conversation?.push("message", { content: "Hi", ...simple }));
    return replies.filter((reply) => reply?.status === "ok").length;
  };
  expect(await asked(one, 4)).toBe(4);
  expect(await asked(other, 1)).toBe(1);
  await nodes.redis.end("SIGKILL");
  expect(await asked(one, 4)).toBe(2); // six at this node
  expect(await asked(other, 2)).toBe(2);
  await nodes.redis.start();
  const subscribed = async () => nodes.redis.ask("PUBSUB", "NUMSUB", "conversations:0:nodes");
  await expect.poll(subscribed).toEqual(["conversations:0:nodes", 2]);
  expect(await asked(one, 2)).toBe(0);
  expect(await asked(other, 8)).toBe(3);
  await close();
});

it("counting in Redis costs a push little", async () => {
  await using nodes = await cluster({ nodes: 2, envOf: [{ RATE_LIMIT_PUSHES: "100000" }, { RATE_LIMIT_PUSHES: "0" }] });
  const { conversations, close } = await joined(nodes, 2);
  const times: number[][] = [[], []];
  for (let n = 0; n < 600; n += 1)
    for (const [at, conversation] of conversations.entries()) {
      const sentAt = performance.now();
      await conversation.push("typing", { typing: n % 2 === 0 });
      times[at]?.push(performance.now() - sentAt);
    }
  const [counted = [], free = []] = times.map((all) => all.slice(100));
  const quartiles = (all: number[]) => [25, 50, 95].map((at) => Number(percentile(all, at).toFixed(2)));
  figures("a push with and without a limit, ms at p25, p50, p95", {
    counted: quartiles(counted),
    free: quartiles(free),
  });
  expect(percentile(counted, 50) - percentile(free, 50)).toBeLessThan(isLong ? 2 : 50);
  await close();
});
