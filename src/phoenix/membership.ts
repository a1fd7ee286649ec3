import type { Channel, Joined, LeaveReason, Member, Reply } from "./channel.ts";
import { JoinRefused } from "./channel.ts";
import type { Host } from "./membership-host.ts";
import { MessageQueue, type Recipient } from "./message-queue.ts";
import { isThenable } from "./thenable.ts";
import type { Broadcast } from "./topics.ts";
import type { Encoded, Frame, PushPayload } from "./wire/serializer.ts";

const CRASHED = { reason: "join crashed" };
const CRASHED_AT_END = "a channel crashed at its end";

/** One join generation, from the join to the end. Whatever is left of it afterwards can send nothing. */
export class Membership<Assigns> implements Member<Assigns>, Recipient {
  readonly topic: string;
  /** What pushes and replies carry: a join without a join_ref lends them its ref. */
  readonly joinRef: unknown;
  readonly givenJoinRef: unknown;
  /** The encoded part that all its pushes share. */
  prefix: string | undefined;
  readonly #host: Host<Assigns>;
  /** Kept until it is answered. */
  #join: Frame | undefined;
  /** Generations of this topic whose `phx_close` follows the reply to this join. */
  #replaced: Membership<Assigns>[] | undefined;
  #joined: Joined | undefined;
  #ended: LeaveReason | undefined;
  #messages: MessageQueue | undefined;
  /** Pushes made before the join's reply, which has to be first. */
  #early: [Encoded, (() => void) | undefined][] | undefined;

  constructor(host: Host<Assigns>, topic: string, join: Frame, replaced?: Membership<Assigns>[]) {
    this.topic = topic;
    this.joinRef = join.joinRef ?? join.ref;
    this.givenJoinRef = join.joinRef;
    this.#host = host;
    this.#join = join;
    this.#replaced = replaced;
  }

  get assigns(): Assigns {
    return this.#host.assigns;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** True while the client waits for something: its join, a message, or what the channel says. */
  get busy(): boolean {
    if (!this.#joined || this.#messages?.idle === false) return true;
    return this.#attempt("a channel crashed when asked whether it is busy", () => this.#joined?.busy?.()) ?? false;
  }

  get congested(): boolean {
    return this.#host.outlet.congested;
  }

  whenWritable(resume: () => void): void {
    this.#host.outlet.whenWritable(resume);
  }

  start(channel: Channel<Assigns>): void {
    try {
      const joined = channel.join(this.#join?.payload, this);
      if (isThenable(joined)) joined.then(this.#accept.bind(this), this.#refuse.bind(this));
      else this.#accept(joined);
    } catch (error) {
      this.#refuse(error);
    }
  }

  receive(frame: Frame): void {
    this.#messages ??= new MessageQueue(this, this.#host.limits.pendingMessages);
    this.#messages.receive(frame, this.#joined);
  }

  deliver(broadcast: Broadcast): void {
    this.#host.outlet.broadcast(broadcast);
  }

  push(event: string, payload: PushPayload, acknowledged?: () => void): void {
    if (this.#ended) return;
    const data = this.#host.outlet.encodePush(this, event, payload);
    const early = this.#early ?? [];
    if (data === undefined || early.length >= this.#host.limits.pendingMessages) this.crash();
    else if (this.#joined) this.#host.outlet.send(data, acknowledged);
    else this.#early = [...early, [data, acknowledged]];
  }

  reply(frame: Frame, reply: Reply): void {
    if (!this.#host.outlet.reply(this.joinRef, frame, reply)) this.crash();
  }

  leave(frame: Frame): void {
    this.reply(frame, { status: "ok", response: {} });
    this.#host.outlet.end(this, "phx_close", {});
    this.end("left");
  }

  stop(): void {
    this.#endItself("stopped", "phx_close", {});
  }

  crash(): void {
    this.#endItself("crashed", "phx_error", { reason: "channel_crash" });
  }

  crashed(error: unknown): void {
    this.#host.log.error({ err: error, topic: this.topic }, "a channel crashed");
    this.crash();
  }

  /** Ends without a word to the client. */
  end(reason: LeaveReason): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#early = undefined;
    this.#host.ended(this);
    this.#attempt(CRASHED_AT_END, () => this.#joined?.left?.(reason));
  }

  /** Ends for a new generation, which sends the `phx_close` of all that it gets here. */
  replace(): Membership<Assigns>[] {
    const replaced = [...(this.#replaced ?? []), this];
    this.end("replaced");
    return replaced;
  }

  #accept(joined: Joined): void {
    this.#host.joinSettled();
    if (typeof joined?.handle !== "function") this.#deny(CRASHED, new TypeError("A join returned no channel."));
    if (!this.#ended && !this.#answer("ok", joined.response)) this.#deny(CRASHED);
    if (this.#ended) this.#attempt(CRASHED_AT_END, () => joined?.left?.(this.#ended ?? "crashed"));
    else this.#open(joined);
  }

  #open(joined: Joined): void {
    this.#joined = joined;
    this.#join = undefined;
    this.#closeReplaced();
    this.#host.joined(this);
    for (const [data, acknowledged] of this.#early ?? []) this.#host.outlet.send(data, acknowledged);
    this.#early = undefined;
    try {
      if (!this.#messages?.leavesNext) joined.afterJoin?.();
    } catch (error) {
      this.crashed(error);
    }
    this.#messages?.work(joined);
  }

  #refuse(error: unknown): void {
    this.#host.joinSettled();
    if (error instanceof JoinRefused) this.#deny(error.response);
    else this.#deny(CRASHED, error);
  }

  #deny(response: object, cause?: unknown): void {
    if (cause !== undefined) this.#host.log.error({ err: cause, topic: this.topic }, "a join crashed");
    if (this.#ended) return;
    this.end("crashed");
    this.#answer("error", response);
    this.#closeReplaced();
    this.#passOn();
  }

  #answer(status: string, response: unknown): boolean {
    return this.#join !== undefined && this.#host.outlet.reply(this.givenJoinRef, this.#join, { status, response });
  }

  #closeReplaced(): void {
    for (const generation of this.#replaced ?? []) this.#host.outlet.end(generation, "phx_close", {});
    this.#replaced = undefined;
  }

  #endItself(reason: LeaveReason, event: "phx_close" | "phx_error", payload: object): void {
    if (this.#ended) return;
    if (this.#joined) {
      this.#host.outlet.end(this, event, payload);
      this.end(reason);
      this.#passOn();
    } else this.#deny(CRASHED, new Error(`The member ${reason} during its join.`));
  }

  /** What still waited is answered as if it had come after the end: `unmatched topic`. */
  #passOn(): void {
    for (const frame of this.#messages?.clear() ?? []) this.#host.dispatch(frame);
  }

  #attempt<T>(failure: string, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#host.log.error({ err: error, topic: this.topic }, failure);
      return undefined;
    }
  }
}
