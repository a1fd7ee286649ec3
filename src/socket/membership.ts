import type { Channel, Joined, LeaveReason, Member, PushPayload, Reply } from "./channel.ts";
import { JoinRefused } from "./channel.ts";
import type { Host } from "./host.ts";
import { MessageQueue, type Recipient } from "./message-queue.ts";
import type { Encoded, Frame } from "./serializer.ts";
import { isThenable } from "./thenable.ts";
import type { Broadcast } from "./topics.ts";

const CRASHED = { reason: "join crashed" };

/** One join generation, from the join to the end. Whatever is left of it afterwards can send nothing. */
export class Membership<Assigns> implements Member<Assigns>, Recipient {
  readonly topic: string;
  readonly join: Frame;
  /** The part of a push that the serializer keeps from one to the next. */
  prefix: string | undefined;
  readonly #host: Host<Assigns>;
  /** Generations of this topic whose `phx_close` follows the reply to this join. */
  #replaced: Membership<Assigns>[] | undefined;
  #joined: Joined | undefined;
  #ended: LeaveReason | undefined;
  #messages: MessageQueue | undefined;
  /** Pushes made before the join's reply, which has to be first. */
  #early: [Encoded, (() => void) | undefined][] | undefined;

  constructor(host: Host<Assigns>, topic: string, join: Frame, replaced?: Membership<Assigns>[]) {
    this.topic = topic;
    this.join = join;
    this.#host = host;
    this.#replaced = replaced;
  }

  /** A join without a join_ref lends its ref to what follows. */
  get joinRef(): unknown {
    return this.join.joinRef ?? this.join.ref;
  }

  get assigns(): Assigns {
    return this.#host.assigns;
  }

  get congested(): boolean {
    return this.#host.congested;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  get maxWaiting(): number {
    return this.#host.limits.pendingMessages;
  }

  /** True while the client waits for something: its join, a message, or what the channel says. */
  get busy(): boolean {
    if (!this.#joined || this.#messages?.idle === false) return true;
    try {
      return this.#joined.busy?.() ?? false;
    } catch (error) {
      this.#log("a channel could not tell whether it is busy", error);
      return false;
    }
  }

  whenWritable(resume: () => void): void {
    this.#host.whenWritable(resume);
  }

  start(channel: Channel<Assigns>): void {
    try {
      const joined = channel.join(this.join.payload, this);
      if (isThenable(joined)) {
        joined.then(
          (value) => this.#accept(value),
          (error) => this.#refuse(error),
        );
      } else this.#accept(joined);
    } catch (error) {
      this.#refuse(error);
    }
  }

  receive(frame: Frame): void {
    this.#messages ??= new MessageQueue(this);
    this.#messages.receive(frame, this.#joined);
  }

  deliver(broadcast: Broadcast): void {
    this.#host.sendBroadcast(broadcast);
  }

  push(event: string, payload: PushPayload, acknowledged?: () => void): void {
    if (this.#ended) return;
    const data = this.#host.encodePush(this, event, payload);
    if (data === undefined) this.crash();
    else if (this.#joined) this.#host.send(data, acknowledged);
    else this.#keepEarly(data, acknowledged);
  }

  reply(frame: Frame, reply: Reply): void {
    if (!this.#host.sendReply(this.joinRef, frame, reply)) this.crash();
  }

  leave(frame: Frame): void {
    this.reply(frame, { status: "ok", response: {} });
    this.#host.sendEnd(this, "phx_close", {});
    this.end("left");
  }

  stop(): void {
    this.#endItself("stopped", "phx_close", {});
  }

  crash(): void {
    this.#endItself("crashed", "phx_error", { reason: "channel_crash" });
  }

  crashed(error: unknown): void {
    this.#log("a channel crashed", error);
    this.crash();
  }

  /** Ends without a word to the client. */
  end(reason: LeaveReason): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#early = undefined;
    this.#host.ended(this);
    this.#tellLeft(this.#joined, reason);
  }

  /** Ends for a new generation, which sends the `phx_close` of all that it gets here. */
  replace(): Membership<Assigns>[] {
    const replaced = [...(this.#replaced ?? []), this];
    this.end("replaced");
    return replaced;
  }

  #accept(joined: Joined): void {
    this.#host.joinSettled();
    if (this.#ended) return this.#tellLeft(joined, this.#ended);
    if (typeof joined?.handle !== "function") return this.#deny(CRASHED, new TypeError("A join returned no channel."));
    if (!this.#host.sendReply(this.join.joinRef, this.join, { status: "ok", response: joined.response })) {
      this.#deny(CRASHED);
      return this.#tellLeft(joined, "crashed");
    }
    this.#joined = joined;
    this.#closeReplaced();
    this.#host.joined(this);
    for (const [data, acknowledged] of this.#early ?? []) this.#host.send(data, acknowledged);
    this.#early = undefined;
    if (!this.#messages?.leavesNext) this.#afterJoin(joined);
    this.#messages?.work(joined);
  }

  #afterJoin(joined: Joined): void {
    try {
      joined.afterJoin?.();
    } catch (error) {
      this.crashed(error);
    }
  }

  #refuse(error: unknown): void {
    this.#host.joinSettled();
    if (error instanceof JoinRefused) this.#deny(error.response);
    else this.#deny(CRASHED, error);
  }

  #deny(response: object, cause?: unknown): void {
    if (cause !== undefined) this.#log("a join crashed", cause);
    if (this.#ended) return;
    this.end("crashed");
    this.#host.sendReply(this.join.joinRef, this.join, { status: "error", response });
    this.#closeReplaced();
    this.#passOn();
  }

  #closeReplaced(): void {
    for (const generation of this.#replaced ?? []) this.#host.sendEnd(generation, "phx_close", {});
    this.#replaced = undefined;
  }

  #endItself(reason: LeaveReason, event: "phx_close" | "phx_error", payload: object): void {
    if (this.#ended) return;
    if (!this.#joined) return this.#deny(CRASHED, new Error(`The member ${reason} during its join.`));
    this.#host.sendEnd(this, event, payload);
    this.end(reason);
    this.#passOn();
  }

  /** What still waited is answered as if it had come after the end: `unmatched topic`. */
  #passOn(): void {
    for (const frame of this.#messages?.clear() ?? []) this.#host.dispatch(frame);
  }

  #keepEarly(data: Encoded, acknowledged: (() => void) | undefined): void {
    this.#early ??= [];
    if (this.#early.length >= this.maxWaiting) return this.crash();
    this.#early.push([data, acknowledged]);
  }

  #tellLeft(joined: Joined | undefined, reason: LeaveReason): void {
    try {
      joined?.left?.(reason);
    } catch (error) {
      this.#log("a channel crashed in its end", error);
    }
  }

  #log(message: string, error: unknown): void {
    this.#host.log.error({ err: error, topic: this.topic }, message);
  }
}
