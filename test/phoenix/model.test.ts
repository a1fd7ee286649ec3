import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Channel, type Joined, JoinRefused, type Message, type Reply } from "../../src/phoenix/channel.ts";
import { serializerV2 } from "../../src/phoenix/wire/serializer-v2.ts";
import { inProcess } from "./support/in-process.ts";
import { protocol } from "./support/protocol-model.ts";
import { quietLog } from "./support/quiet-log.ts";
import type { Assigns } from "./support/room-channel.ts";

type JoinRefChoice = "current" | "stale" | "null";
type Command =
  | { do: "join"; topic: string; held: boolean; denied: boolean }
  | { do: "send"; topic: string; event: string; joinRef: JoinRefChoice }
  | { do: "release"; topic: string };

/** A channel whose joins and handlers can be held until the test releases them. */
function heldChannel() {
  const held = new Map<string, (() => void)[]>();
  const live = new Set<Joined>();
  const reply: Reply = { status: "ok", response: {} };
  const hold = <T>(topic: string, then: () => T) =>
    new Promise<T>((resolve, reject) => {
      const release = () => Promise.resolve().then(then).then(resolve, reject);
      held.set(topic, [...(held.get(topic) ?? []), release]);
    });

  const channel: Channel<Assigns> = {
    join(payload, member) {
      const params = payload as { held: boolean; denied: boolean };
      const open = (): Joined => {
        if (params.denied) throw new JoinRefused({ reason: "denied" });
        const joined: Joined = { handle, left: () => live.delete(joined) };
        live.add(joined);
        return joined;
      };
      const handle = ({ event }: Message) => {
        if (event === "boom") throw new Error("boom");
        if (event === "stop") member.stop();
        return event === "held" ? hold(member.topic, () => reply) : reply;
      };
      return params.held ? hold(member.topic, open) : open();
    },
  };
  return { channel, live, release: (topic: string) => held.get(topic)?.shift()?.() };
}

const topic = fc.constantFrom("held:a", "held:b");
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    do: fc.constant("join" as const),
    topic,
    held: fc.boolean(),
    denied: fc.integer({ max: 4, min: 0 }).map((n) => n === 0),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      topic,
      event: fc.constantFrom("now", "now", "held", "held", "phx_leave", "boom", "stop"),
      joinRef: fc.constantFrom<JoinRefChoice>("current", "current", "current", "stale", "null"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const), topic }) },
);

const nextTask = () => new Promise((resolve) => setImmediate(resolve));

describe("the channel protocol", () => {
  it("behaves like its model for any sequence of joins, leaves, messages, crashes and late replies", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40, size: "max" }), async (commands) => {
        const model = protocol();
        const { channel, live, release } = heldChannel();
        const { connect, topics } = inProcess(quietLog, { "held:*": channel });
        const client = connect(serializerV2);
        for (const [at, command] of commands.entries()) {
          const { topic } = command;
          const ref = `r${at}`;
          if (command.do === "join") {
            const { held, denied } = command;
            model.join(topic, ref, held, denied);
            client.send([ref, ref, topic, "phx_join", { held, denied }]);
          } else if (command.do === "send") {
            const current = model.joined.get(topic)?.joinRef ?? "none";
            const joinRef = { current, stale: "stale", null: null }[command.joinRef];
            model.send(topic, { event: command.event, joinRef, ref });
            client.send([joinRef, ref, topic, command.event, {}]);
          } else {
            model.release(topic);
            release(topic);
          }
          await nextTask();
          expect(client.heard()).toEqual(model.heard());
        }
        for (const { topic } of commands) for (let at = 0; at < commands.length; at += 1) release(topic);
        client.socket.close(1001, "");
        await nextTask();
        expect([topics.size, live.size]).toEqual([0, 0]);
      }),
      { numRuns: 1000 },
    );
  });
});
