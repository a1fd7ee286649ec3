import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Channel, type Joined, JoinRefused, type Message, type Reply } from "../../src/socket/channel.ts";
import { serializerV2 } from "../../src/socket/serializer-v2.ts";
import { inProcess } from "./support/in-process.ts";
import { quietLog } from "./support/quiet-log.ts";
import type { Assigns } from "./support/room-channel.ts";

type JoinRefChoice = "current" | "stale" | "null";
type Command =
  | { do: "join"; topic: string; held: boolean; denied: boolean }
  | { do: "send"; topic: string; event: string; joinRef: JoinRefChoice }
  | { do: "release"; topic: string };

interface Waiting {
  event: string;
  joinRef: string | null;
  ref: string;
}

/** One join generation as the protocol's table sees it. */
interface Generation {
  joinRef: string;
  pending: boolean;
  denied: boolean;
  leaving: boolean;
  inHand?: string;
  waiting: Waiting[];
  replaced: string[];
}

const ok = { status: "ok", response: {} };
const error = (reason: string) => ({ status: "error", response: { reason } });

/** SPEC sections 5 and 6 in as few lines as they take: what the server has to say to each command. */
function protocol() {
  const joined = new Map<string, Generation>();
  /** What the test holds back for each topic, in the order in which it is released. */
  const held = new Map<string, { generation: Generation; ref?: string }[]>();
  const frames: unknown[] = [];
  const reply = (joinRef: string | null, ref: string, topic: string, payload: object) =>
    frames.push([joinRef, ref, topic, "phx_reply", payload]);
  const hold = (topic: string, generation: Generation, ref?: string) =>
    held.set(topic, [...(held.get(topic) ?? []), { generation, ref }]);

  function answerJoin(topic: string, generation: Generation) {
    generation.pending = false;
    if (generation.denied) joined.delete(topic);
    reply(generation.joinRef, generation.joinRef, topic, generation.denied ? error("denied") : ok);
    for (const old of generation.replaced.splice(0)) frames.push([old, old, topic, "phx_close", {}]);
    if (generation.denied) passOn(topic, generation);
    else work(topic, generation);
  }

  function passOn(topic: string, { waiting }: Generation) {
    for (const frame of waiting.splice(0)) send(topic, frame);
  }

  function end(topic: string, generation: Generation, event: string, payload: object) {
    frames.push([generation.joinRef, generation.joinRef, topic, event, payload]);
    joined.delete(topic);
    passOn(topic, generation);
  }

  function work(topic: string, generation: Generation) {
    while (joined.get(topic) === generation && !generation.pending && generation.inHand === undefined) {
      const next = generation.waiting.shift();
      if (!next) return;
      if (next.event === "phx_leave") {
        reply(generation.joinRef, next.ref, topic, ok);
        end(topic, generation, "phx_close", {});
      } else if (next.event === "boom") end(topic, generation, "phx_error", { reason: "channel_crash" });
      else if (next.event === "stop") end(topic, generation, "phx_close", {});
      else if (next.event === "held") {
        generation.inHand = next.ref;
        hold(topic, generation, next.ref);
      } else reply(generation.joinRef, next.ref, topic, ok);
    }
  }

  function send(topic: string, frame: Waiting) {
    const current = joined.get(topic);
    if (!current) {
      if (frame.event === "phx_leave") reply(frame.joinRef, frame.ref, topic, ok);
      else reply(null, frame.ref, topic, error("unmatched topic"));
    } else if ((frame.joinRef === null || frame.joinRef === current.joinRef) && !current.leaving) {
      if (frame.event === "phx_leave") current.leaving = true;
      current.waiting.push(frame);
      work(topic, current);
    }
  }

  return {
    joined,
    join(topic: string, joinRef: string, pending: boolean, denied: boolean) {
      const old = joined.get(topic);
      const replaced = old ? [...old.replaced, old.joinRef] : [];
      const generation = { joinRef, pending, denied, leaving: false, waiting: [], replaced };
      joined.set(topic, generation);
      if (pending) hold(topic, generation);
      else answerJoin(topic, generation);
    },
    send,
    release(topic: string) {
      const next = held.get(topic)?.shift();
      if (!next || joined.get(topic) !== next.generation) return;
      if (next.ref === undefined) answerJoin(topic, next.generation);
      else {
        next.generation.inHand = undefined;
        reply(next.generation.joinRef, next.ref, topic, ok);
        work(topic, next.generation);
      }
    },
    heard: () => frames.splice(0),
  };
}

/** A channel whose joins and handlers wait, where asked to, until the test releases them. */
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

describe("the protocol's table", () => {
  it("SPEC 5, 6: is followed for any order of joins, leaves, messages, crashes and late answers", async () => {
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
