import { setTimeout as wait } from "node:timers/promises";
import {
  type Channel,
  type Joined,
  JoinRefused,
  type LeaveReason,
  type Member,
  type Message,
  type Reply,
} from "../../../src/phoenix/channel.ts";
import { presence } from "../../../src/phoenix/presence.ts";
import type { PushPayload } from "../../../src/phoenix/wire/serializer.ts";

export interface Assigns {
  name: string;
}

type Broadcast = (topic: string, event: string, payload: PushPayload, except?: Member<Assigns>) => void;
type Payload = Record<string, unknown>;
type Handler = (message: Message, member: Member<Assigns>) => Reply | undefined | Promise<Reply | undefined>;

/** The channel of the recorded scenarios. It keeps its members, the payloads that it handled and why members left. */
export function roomChannel(broadcast: Broadcast) {
  const ended: { topic: string; reason: LeaveReason }[] = [];
  const handled: unknown[] = [];
  const members = new Set<Member<Assigns>>();
  const tracker = presence((topic, diff) => broadcast(topic, "presence_diff", diff));

  const everyMember = (topic: string, event: string, payload: object) => {
    for (const member of members) if (member.topic === topic) member.push(event, payload);
  };

  const handlers: Record<string, Handler> = {
    echo: ({ payload }) => ({ status: "ok", response: payload }),
    ok: () => ({ status: "ok", response: {} }),
    err: ({ payload }) => ({ status: "error", response: payload }),
    custom_status: ({ payload }) => ({ status: "weird", response: payload }),
    noreply: () => undefined,
    boom: () => {
      throw new Error("boom");
    },
    stop_normal: (_message, member) => {
      member.stop();
      return undefined;
    },
    stop_bad: (_message, member) => {
      member.crash();
      return undefined;
    },
    stop_shutdown_reply: (message, member) => {
      message.reply({ status: "ok", response: { bye: true } });
      member.stop();
      return undefined;
    },
    stop_bad_reply: (message, member) => {
      message.reply({ status: "ok", response: { bye: true } });
      member.crash();
      return undefined;
    },
    push_then_reply: (_message, member) => {
      member.push("p1", { n: 1 });
      broadcast(member.topic, "b1", { n: 2 });
      member.push("p2", { n: 3 });
      return { status: "ok", response: { n: 4 } };
    },
    bcast: ({ payload }, member) => {
      broadcast(member.topic, "bc", payload as object);
      return { status: "ok", response: {} };
    },
    bcast_from: ({ payload }, member) => {
      broadcast(member.topic, "bc", payload as object, member);
      return { status: "ok", response: {} };
    },
    icept: ({ payload }, member) => {
      everyMember(member.topic, "icept", { ...(payload as object), intercepted: true });
      return undefined;
    },
    slow: async ({ payload }) => {
      await wait(milliseconds(payload, 500));
      return { status: "ok", response: { slept: true } };
    },
    async: (message, member) => {
      setTimeout(() => {
        member.push("chunk", { n: 7 });
        message.reply({ status: "ok", response: { done: 7 } });
      }, 200);
      return undefined;
    },
    twice: (message) => {
      message.reply({ status: "ok", response: { n: 1 } });
      message.reply({ status: "ok", response: { n: 2 } });
      return undefined;
    },
    bin: ({ payload }, member) => {
      const data = payload as Uint8Array;
      member.push("binpush", new Uint8Array([9, 8]));
      broadcast(member.topic, "binbc", data);
      return { status: "ok", response: new Uint8Array([...data, 0xff]) };
    },
    payload_type: ({ payload }) => ({ status: "ok", response: { inspect: inspect(payload) } }),
    reply_nonmap: ({ payload }) => ({ status: "ok", response: payload }),
    push_nonmap: (_message, member) => {
      // A channel written in plain JavaScript could do this.
      member.push("nonmap", "text" as unknown as object);
      return { status: "ok", response: {} };
    },
    pres_update: ({ payload }, member) => {
      tracker.update(member, (payload as { meta: object }).meta);
      return { status: "ok", response: {} };
    },
  };

  function open(member: Member<Assigns>, payload: unknown): Joined {
    const params: Payload = typeof payload === "object" && payload !== null ? (payload as Payload) : {};
    members.add(member);
    return {
      response: member.topic === "room:pushinjoin" ? { a: 1 } : params.reply,
      afterJoin() {
        if (member.topic === "room:pushinjoin") {
          member.push("after_join", { x: 1 });
          broadcast(member.topic, "entered", { y: 1 });
        }
        if (!member.topic.startsWith("room:pres")) return;
        tracker.track(member, String(params.key ?? "u1"), (params.meta ?? {}) as object);
        member.push("presence_state", tracker.state(member.topic));
      },
      handle(message) {
        handled.push(message.payload);
        const handler = Object.hasOwn(handlers, message.event) ? handlers[message.event] : undefined;
        return handler ? handler(message, member) : { status: "error", response: { reason: "unknown_event" } };
      },
      left(reason) {
        members.delete(member);
        ended.push({ topic: member.topic, reason });
        tracker.untrack(member);
      },
    };
  }

  const channel: Channel<Assigns> = {
    join(payload, member) {
      const params: Payload = typeof payload === "object" && payload !== null ? (payload as Payload) : {};
      if (member.topic === "room:deny") throw new JoinRefused({ reason: "unauthorized" });
      if (typeof params.deny === "string") throw new JoinRefused({ reason: params.deny });
      if (member.topic === "room:joincrash") throw new Error("join crash");
      if (member.topic === "room:badjoin") return "garbage" as unknown as Joined;
      if (member.topic !== "room:slow") return open(member, payload);
      return wait(milliseconds(payload, 1000)).then(() => ({ ...open(member, payload), response: { slow: true } }));
    },
  };

  return { channel, ended, handled, members };
}

function milliseconds(payload: unknown, otherwise: number): number {
  const { ms } = (payload ?? {}) as { ms?: unknown };
  return typeof ms === "number" ? Math.min(ms, 5000) : otherwise;
}

function inspect(payload: unknown): string {
  return payload instanceof Uint8Array ? `bytes ${Buffer.from(payload).toString("hex")}` : JSON.stringify(payload);
}
