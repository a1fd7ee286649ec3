import type { Joined, Message, Refusal, Reply } from "./channel.ts";
import type { MembershipHost } from "./membership-host.ts";
import { isThenable } from "./thenable.ts";
import { type Frame, unfit } from "./wire/serializer.ts";

/** The membership that receives the messages. Its methods never throw. */
export interface Recipient {
  readonly ended: boolean;
  reply(frame: Frame, reply: Reply): void;
  leave(frame: Frame): void;
  crashed(error: unknown): void;
}

/** Hands the messages of one membership to its channel, one at a time and in order. Ignores everything after a leave. */
export class MessageQueue {
  readonly #recipient: Recipient;
  readonly #host: Pick<MembershipHost<unknown>, "limits" | "waiting">;
  readonly #waiting: Frame[] = [];
  #handling = false;
  #leaving = false;

  constructor(recipient: Recipient, host: Pick<MembershipHost<unknown>, "limits" | "waiting">) {
    this.#recipient = recipient;
    this.#host = host;
  }

  get idle(): boolean {
    return !this.#handling && this.#waiting.length === 0;
  }

  get leavesNext(): boolean {
    return this.#waiting[0]?.event === "phx_leave";
  }

  /** `joined` is undefined while the join is pending. */
  receive(frame: Frame, joined: Joined | undefined): void {
    if (this.#leaving) return;
    if (frame.event === "phx_leave") this.#leaving = true;
    else if (this.#waiting.length >= this.#host.limits.pendingMessages || !this.#host.waiting.hold(frame.weight)) {
      this.#refuse(frame, { reason: "busy", message: "Too many messages are waiting in this channel." }, joined);
      return;
    }
    this.#waiting.push(this.#leaving ? { ...frame, payload: undefined } : frame);
    if (joined) this.work(joined);
  }

  work(joined: Joined): void {
    while (!this.#handling && !this.#recipient.ended) {
      const frame = this.#waiting.shift();
      if (frame === undefined) return;
      this.#handle(frame, joined);
    }
  }

  /** Removes and returns the waiting frames. */
  clear(): Frame[] {
    for (const frame of this.#waiting) this.#release(frame);
    return this.#waiting.splice(0);
  }

  #release({ event, weight }: Frame): void {
    if (event !== "phx_leave") this.#host.waiting.release(weight);
  }

  #handle(frame: Frame, joined: Joined): void {
    const { event } = frame;
    if (event === "phx_leave") this.#recipient.leave(frame);
    else if (typeof event !== "string")
      this.#refuseHeld(frame, { reason: "unknown_event", message: "The event must be a string." }, joined);
    else if (frame.tooDeep) this.#refuseHeld(frame, { reason: "invalid_payload", message: unfit }, joined);
    else this.#give(frame, this.#message(frame, event), joined);
  }

  #message(frame: Frame, event: string): Message {
    let replied = false;
    return {
      event,
      payload: frame.payload,
      reply: (reply) => {
        if (replied || this.#recipient.ended) return;
        replied = true;
        this.#recipient.reply(frame, reply);
      },
    };
  }

  #give(frame: Frame, message: Message, joined: Joined): void {
    this.#handling = true;
    try {
      const result = joined.handle(message);
      if (isThenable(result)) {
        result.then(
          (reply) => {
            this.#handled(frame, message, reply);
            this.work(joined);
          },
          (error) => this.#failed(frame, error),
        );
      } else this.#handled(frame, message, result);
    } catch (error) {
      this.#failed(frame, error);
    }
  }

  #handled(frame: Frame, message: Message, reply: Reply | undefined): void {
    this.#handling = false;
    this.#host.waiting.release(frame.weight);
    if (reply) message.reply(reply);
  }

  #failed(frame: Frame, error: unknown): void {
    this.#host.waiting.release(frame.weight);
    this.#recipient.crashed(error);
  }

  #refuseHeld(frame: Frame, refusal: Refusal, joined: Joined): void {
    this.#host.waiting.release(frame.weight);
    this.#refuse(frame, refusal, joined);
  }

  #refuse(frame: Frame, refusal: Refusal, joined: Joined | undefined): void {
    this.#recipient.reply(frame, { status: "error", response: { ...refusal, details: { code: refusal.reason } } });
    try {
      joined?.refused?.(refusal);
    } catch (error) {
      this.#recipient.crashed(error);
    }
  }
}
