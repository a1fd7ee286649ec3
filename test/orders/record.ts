import type { PushReply } from "../support/conversation.ts";
import type { Way } from "./actions.ts";
import type { Device } from "./device.ts";
import type { Script } from "./script.ts";

/** How long to wait for a reply, or for the end of a turn that is not held. */
export const patienceMs = 5000;

/** One push. It takes effect between its start and its reply. */
export interface Op {
  device: Device;
  event: string;
  payload: {
    turn_id?: string;
    before?: string;
    id?: string;
    options?: { when_busy?: string; engine?: string };
    [other: string]: unknown;
  };
  /** What the model will do, if the push may become a turn. */
  script: Script | undefined;
  begunAt: number;
  /** Infinite until there is a reply. */
  repliedAt: number;
  reply: PushReply<string> | undefined;
  /** It was pushed twice with the same id, because the connection dropped the first time. */
  isTwice: boolean;
}

/** Every push of a run. */
export function record() {
  const ops: Op[] = [];
  const inFlight = new Map<Op, Promise<void>>();

  function begin(device: Device, event: string, payload: Op["payload"], script?: Script): Op {
    const op: Op = {
      device,
      event,
      payload,
      script,
      begunAt: script?.begunAt ?? performance.now(),
      repliedAt: Number.POSITIVE_INFINITY,
      reply: undefined,
      isTwice: false,
    };
    ops.push(op);
    return op;
  }

  async function send(op: Op): Promise<void> {
    op.reply = await op.device.conversation.push(op.event, op.payload, patienceMs);
    op.repliedAt = performance.now();
  }

  return {
    ops,
    async push(device: Device, way: Way, { event, payload, script }: Pick<Op, "event" | "payload" | "script">) {
      const op = begin(device, event, payload, script);
      const sent = send(op).finally(() => inFlight.delete(op));
      inFlight.set(op, sent);
      if (way === "waits") await sent;
    },
    /** The connection drops before the push, or its reply, arrives. After reconnecting, it is pushed again. */
    async pushTwice(
      device: Device,
      arrives: boolean,
      { event, payload, script }: Pick<Op, "event" | "payload" | "script">,
    ) {
      const op = begin(device, event, payload, script);
      op.isTwice = true;
      await device.cutAround(() => void device.conversation.push(event, payload), arrives);
      await device.back();
      await send(op);
    },
    /** Resolves when all pushes, or those of one device, have their replies. */
    async replies(of?: Device): Promise<void> {
      await Promise.all([...inFlight].flatMap(([op, sent]) => (!of || op.device === of ? [sent] : [])));
    },
    /** The pushes that became turns, in the order sent. */
    accepted: () => ops.filter(isAccepted),
  };
}

/** Whether a push became a new turn. */
export function isAccepted({ script, reply, isTwice }: Op): boolean {
  return script !== undefined && reply?.status === "ok" && (isTwice || !reply.response.duplicate);
}

export function shown({ device, event, payload, reply }: Op): string {
  const { llm_config: _sampling, ...rest } = payload;
  const answer = JSON.stringify(reply?.response)?.slice(0, 300);
  return `${event} ${JSON.stringify(rest)} by ${device.name} → ${reply?.status ?? "nothing"} ${answer ?? ""}`;
}
