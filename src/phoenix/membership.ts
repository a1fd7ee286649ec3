import type { Channel, Joined, LeaveReason, Member, Reply } from "./channel.ts";
import { JoinRefused } from "./channel.ts";
import { attempt } from "./log.ts";
import type { MembershipHost } from "./membership-host.ts";
import { MessageQueue, type Recipient } from "./message-queue.ts";
import { isThenable } from "./thenable.ts";
import type { Broadcast } from "./topics.ts";
import type { Encoded, Frame, PushPayload } from "./wire/serializer.ts";

const CRASHED = { reason: "join crashed" };
const CRASHED_IN_LEFT = "a channel crashed in left()";

/** One join of one topic, from the join until it ends. After its end it cannot send anything. */
export class Membership<Assigns> implements Member<Assigns>, Recipient {
  readonly topic: string;
  /** The `join_ref` of pushes and replies. If the join had none, its `ref`. */
  readonly joinRef: unknown;
  /** The `join_ref` that the join had; may be null. */
  readonly givenJoinRef: unknown;
  /** The encoded start of a push, the same for all of this member's pushes. */
  prefix: string | undefined;
  readonly #host: MembershipHost<Assigns>;
  #join: Frame | undefined;
  /** Memberships that this join replaces. Their `phx_close` is sent after the join's reply. */
  #replaced: Membership<Assigns>[] | undefined;
  #joined: Joined | undefined;
  #ended: LeaveReason | undefined;
  #messages: MessageQueue | undefined;
  /** Pushes made during the join; they are sent after the join's reply. */
  #early: [Encoded, (() => void) | undefined][] | undefined;

  constructor(host: MembershipHost<Assigns>, topic: string, join: Frame, replaced?: Membership<Assigns>[]) {
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

  /** True while the client waits for its join, for a reply, or for work that the channel reports. */
  get busy(): boolean {
    if (!this.#joined || this.#messages?.idle === false) return true;
    return attempt(this.#host.log, this.topic, "a channel crashed in busy()", () => this.#joined?.busy?.()) ?? false;
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
    this.#messages ??= new MessageQueue(this, this.#host);
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

  share(event: string, payload: PushPayload): void {
    if (!this.#joined) this.push(event, payload);
    else if (!this.#ended) this.#host.share(this.topic, event, payload);
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

  /** Ends without telling the client. */
  end(reason: LeaveReason): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#early = undefined;
    this.#host.ended(this);
    attempt(this.#host.log, this.topic, CRASHED_IN_LEFT, () => this.#joined?.left?.(reason));
  }

  /** Ends because of a new join. That join sends `phx_close` for every membership returned here. */
  replace(): Membership<Assigns>[] {
    const replaced = [...(this.#replaced ?? []), this];
    this.end("replaced");
    this.#messages?.clear();
    return replaced;
  }

  #accept(joined: Joined): void {
    this.#host.joinSettled(this.#join);
    if (typeof joined?.handle !== "function")
      this.#deny(CRASHED, new TypeError("join() must return an object with a handle() method."));
    if (!this.#ended && !this.#answer("ok", joined.response)) this.#deny(CRASHED);
    if (this.#ended)
      attempt(this.#host.log, this.topic, CRASHED_IN_LEFT, () => joined?.left?.(this.#ended ?? "crashed"));
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
    this.#host.joinSettled(this.#join);
    if (error instanceof JoinRefused) this.#deny(error.response);
    else this.#deny(CRASHED, error);
  }

  #deny(response: object, cause?: unknown): void {
    if (cause !== undefined) this.#host.log.error({ err: cause, topic: this.topic }, "a join crashed");
    if (this.#ended) return;
    this.end("crashed");
    this.#answer("error", response);
    this.#closeReplaced();
    this.#redispatchWaiting();
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
      this.#redispatchWaiting();
    } else this.#deny(CRASHED, new Error(`The member ${reason} before its join was answered.`));
  }

  /** Answers waiting messages as if they had arrived after the end: `unmatched topic`. */
  #redispatchWaiting(): void {
    for (const frame of this.#messages?.clear() ?? []) this.#host.dispatch(frame);
  }
}
