import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Channel, type Joined, JoinRefused, type Message, type Reply } from "../../src/phoenix/channel.ts";
import { DEFAULT_LIMITS } from "../../src/phoenix/limits.ts";
import { serializerV1 } from "../../src/phoenix/wire/serializer-v1.ts";
import { serializerV2 } from "../../src/phoenix/wire/serializer-v2.ts";
import { size } from "../support/size.ts";
import { frameSource, isOdd, type Step, topics } from "./support/frame-source.ts";
import { inProcess } from "./support/in-process.ts";
import { quietLog } from "./support/quiet-log.ts";
import type { Assigns } from "./support/room-channel.ts";
import { type Answer, socketModel } from "./support/socket-model.ts";

const framesEach = size(10_000, 600_000);
const framesAConnection = 150;
const limits = { ...DEFAULT_LIMITS, channels: 3, pendingMessages: 3, keptUnits: 64 };
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);
beforeAll(() => void process.on("uncaughtException", note).on("unhandledRejection", note));
afterAll(() => void process.off("uncaughtException", note).off("unhandledRejection", note));

/** A channel whose joins and handlers wait until the test releases them. */
function heldChannel() {
  const held = new Map<string, (() => void)[]>();
  let live = 0;
  const reply: Reply = { status: "ok", response: {} };
  const hold = <T>(topic: string, then: () => T) =>
    new Promise<T>((resolve, reject) => {
      const release = () => Promise.resolve().then(then).then(resolve, reject);
      held.set(topic, [...(held.get(topic) ?? []), release]);
    });
  const channel: Channel<Assigns> = {
    join(payload, member) {
      const { isHeld, isDenied } = payload as { isHeld: boolean; isDenied: boolean }; // what the source writes
      const handle = ({ event }: Message) => {
        if (event === "boom") throw new Error("boom");
        if (event === "stop") member.stop();
        return event === "held" ? hold(member.topic, () => reply) : reply;
      };
      const open = (): Joined => {
        if (isDenied) throw new JoinRefused({ reason: "denied" });
        live += 1;
        const left = () => {
          live -= 1;
        };
        return { handle, left };
      };
      return isHeld ? hold(member.topic, open) : open();
    },
  };
  return { channel, live: () => live, release: (topic: string) => held.get(topic)?.shift()?.() };
}

const nextTask = () => new Promise((resolve) => setImmediate(resolve));
const inV1 = ([, ref, topic, event, payload]: Answer) => ({ topic, event, ref, payload });

/** One connection, and the model beside it. Returns how many frames were sent. Throws at the first difference. */
async function connection(own: number, version: 1 | 2): Promise<number> {
  const { channel, live, release } = heldChannel();
  const server = inProcess(quietLog, { "held:*": channel }, limits);
  const client = server.connect(version === 1 ? serializerV1 : serializerV2);
  const model = socketModel(
    limits,
    (topic) => topic.startsWith("held:") || topic === "exact" || topic.startsWith("room:"),
  );
  const source = frameSource(own, version, model.joinRefOf);
  const steps: Step[] = [];
  let sent = 0;
  let isClosed = false;
  while (sent < framesAConnection && !isClosed) {
    const step = source.next();
    steps.push(step);
    if (step.do === "release") {
      model.release(step.topic);
      release(step.topic);
      await nextTask();
    } else if (step.do === "send") {
      const { joinRef, ref, topic, event, isDeep } = step.frame;
      isClosed = isDeep && isOdd([joinRef, ref, topic, event]);
      if (!isClosed) model.receive(step.frame);
      client.receive(step.text);
      sent += 1;
    } else {
      isClosed = true;
      client.receive(step.data);
      sent += 1;
    }
    const expected = model.answers().map((answer) => (version === 1 ? inV1(answer) : answer));
    const heard = client.heard();
    const differs = JSON.stringify(heard) !== JSON.stringify(expected) || (client.closedWith === 1011) !== isClosed;
    if (differs)
      expect({ heard, closed: client.closedWith, steps }).toEqual({
        heard: expected,
        closed: isClosed ? 1011 : undefined,
        steps: [],
      });
  }
  client.socket.close(1001, "");
  await nextTask();
  for (const topic of topics) for (let at = 0; at < 10; at += 1) release(topic);
  await nextTask();
  await nextTask();
  expect([server.open.size, server.topics.size, live(), client.heard()]).toEqual([0, 0, 0, []]);
  return sent;
}

describe("any frames", () => {
  it.each([1, 2] as const)("in V%i are answered as the model of the protocol says", async (version) => {
    let sent = 0;
    for (let at = 0; sent < framesEach; at += 1) {
      try {
        sent += await connection(seed + at, version);
      } catch (error) {
        throw new Error(`a difference with FUZZ_SEED=${seed + at}`, { cause: error });
      }
    }
    process.stdout.write(`V${version}: ${sent} frames, seed ${seed}\n`);
    expect(uncaught).toEqual([]);
  });
});
