import type { Channel } from "./channel.ts";
import type { Congestion } from "./congestion.ts";
import type { SocketLimits } from "./limits.ts";
import type { Log } from "./log.ts";
import { Membership } from "./membership.ts";
import type { MembershipHost } from "./membership-host.ts";
import { Outlet } from "./outlet.ts";
import type { Subscriber, Topics } from "./topics.ts";
import type { CloseCode, Transport } from "./transport.ts";
import type { User, Users } from "./user.ts";
import { Waiting } from "./waiting.ts";
import { type Frame, type PushPayload, type Serializer, UndecodableFrame, unfit } from "./wire/serializer.ts";

/** State and settings shared by all sockets of a server. */
export interface Layer<Assigns> {
  readonly limits: SocketLimits;
  readonly log: Log;
  readonly topics: Topics;
  readonly congestion: Congestion;
  readonly users: Users;
  route(topic: string): Channel<Assigns> | undefined;
  added(socket: Socket<Assigns>): void;
  gone(socket: Socket<Assigns>): void;
}

/** What `connect` returned for an accepted client. */
export interface Identity<Assigns> {
  assigns: Assigns;
  id?: string;
  until?: number;
  isRevoked?: () => boolean;
}

const tooMuchWaits = { reason: "busy", message: "Too much is waiting on this connection." };

/** One connection and its channels, over any transport. Never throws, whatever a client or a channel does. */
export class Socket<Assigns> implements MembershipHost<Assigns> {
  readonly assigns: Assigns;
  readonly id: string | undefined;
  /** When it closes, by the monotonic clock. */
  readonly until: number | undefined;
  readonly isRevoked: (() => boolean) | undefined;
  readonly transport: Transport;
  readonly user: User;
  readonly outlet: Outlet;
  readonly waiting: Waiting;
  readonly #layer: Layer<Assigns>;
  readonly #serializer: Serializer;
  /** Few, and most often one. */
  #members: readonly Membership<Assigns>[] = [];
  #joining = 0;
  #closed = false;

  constructor(layer: Layer<Assigns>, serializer: Serializer, identity: Identity<Assigns>, transport: Transport) {
    this.assigns = identity.assigns;
    this.id = identity.id;
    this.until = identity.until && performance.now() + identity.until - Date.now();
    this.isRevoked = identity.isRevoked;
    this.transport = transport;
    this.user = layer.users.enter(this.id, transport);
    this.waiting = new Waiting(this.user, layer.limits.waitingBytes);
    const overflowed = () => this.close(1013, "slow consumer");
    this.outlet = new Outlet(layer, { transport, user: this.user }, serializer, overflowed);
    this.#layer = layer;
    this.#serializer = serializer;
    layer.added(this);
  }

  get limits(): SocketLimits {
    return this.#layer.limits;
  }

  get log(): Log {
    return this.#layer.log;
  }

  get busy(): boolean {
    if (this.#members.some(({ busy }) => busy)) return true;
    return false;
  }

  receive(data: Buffer, isBinary: boolean): void {
    if (this.#closed) return;
    try {
      this.dispatch(this.#serializer.decode(data, isBinary, this.limits.payloadDepth));
    } catch (error) {
      if (error instanceof UndecodableFrame) this.log.debug({ err: error }, "a frame could not be decoded");
      else this.log.error({ err: error }, "a frame could not be handled");
      this.close(1011, "");
    }
  }

  /** Routes a frame by its event, and by whether its topic is joined. A frame with a stale `join_ref` is ignored. */
  dispatch(frame: Frame): void {
    const { joinRef, topic, event } = frame;
    const member = this.#members.find((membership) => membership.topic === topic);
    if (topic === "phoenix" && event === "heartbeat") this.#heartbeat(frame);
    else if (event === "phx_join") this.#join(frame, member);
    else if (member) {
      if (joinRef === null || sameRef(joinRef, member.joinRef)) member.receive(frame);
    } else if (event === "phx_leave") this.outlet.reply(joinRef, frame, { status: "ok", response: {} });
    else this.#unmatched(frame);
  }

  #heartbeat(frame: Frame): void {
    if (this.transport.heartbeatsAcknowledge) {
      this.outlet.requested();
      this.outlet.replied();
    }
    this.outlet.reply(null, frame, { status: "ok", response: {} });
  }

  #join(frame: Frame, current: Membership<Assigns> | undefined): void {
    const { topic, joinRef } = frame;
    const channel = typeof topic === "string" ? this.#layer.route(topic) : undefined;
    const refusal = this.#refusal(frame, current);
    if (typeof topic !== "string" || !channel) this.#unmatched(frame);
    else if (refusal) this.outlet.reply(joinRef, frame, { status: "error", response: refusal });
    else if (!this.waiting.hold(frame.weight))
      this.outlet.reply(joinRef, frame, { status: "error", response: tooMuchWaits });
    else {
      const membership = new Membership(this, topic, frame, current?.replace());
      // Ending the replaced channel may have closed the socket.
      if (this.#closed) return;
      this.#members = [...this.#members.filter((one) => one !== current), membership];
      this.#joining += 1;
      membership.start(channel);
    }
  }

  #refusal(frame: Frame, current: Membership<Assigns> | undefined): object | undefined {
    const { channels, keptUnits } = this.limits;
    // Pending joins count even after they were replaced. Otherwise a client could start any number of them.
    if (this.#joining >= channels || (!current && this.#members.length >= channels)) {
      return { reason: "too many channels joined" };
    }
    if (frame.tooDeep) return { reason: "invalid_payload", message: unfit };
    const isTooLong = [frame.topic, frame.joinRef, frame.ref].some((kept) => lengthOf(kept) > keptUnits);
    return isTooLong ? { reason: "invalid_payload", message: "The topic or a ref is too long." } : undefined;
  }

  #unmatched(frame: Frame): void {
    this.outlet.reply(null, frame, { status: "error", response: { reason: "unmatched topic" } });
  }

  joinSettled(join: Frame | undefined): void {
    this.#joining -= 1;
    this.waiting.release(join?.weight ?? 0);
  }

  share(topic: string, event: string, payload: PushPayload): void {
    this.outlet.broadcast(this.#layer.topics.shared(topic, event, payload));
  }

  joined(membership: Subscriber): void {
    this.#layer.topics.add(membership);
  }

  ended(membership: Membership<Assigns>): void {
    this.#layer.topics.remove(membership);
    this.#members = this.#members.filter((one) => one !== membership);
  }

  /** The channels end in a microtask, since the caller may be one of them. */
  close(code: CloseCode, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.outlet.shut();
    this.transport.close(code, reason);
    queueMicrotask(() => this.#endChannels());
  }

  /** Called by the transport once the connection is closed. */
  gone(): void {
    this.#closed = true;
    this.outlet.shut();
    this.#endChannels();
    this.waiting.end();
    this.#layer.users.leave(this.id, this.user, this.transport);
    this.#layer.gone(this);
  }

  #endChannels(): void {
    for (const membership of this.#members) membership.end("closed");
  }
}

function lengthOf(field: unknown): number {
  if (typeof field === "string") return field.length;
  return typeof field === "object" ? JSON.stringify(field).length : 0;
}

/** Known clients send strings as refs, but any JSON value is accepted. */
function sameRef(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));
}
