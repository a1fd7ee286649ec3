import type { Channel, PushPayload, Reply } from "./channel.ts";
import type { Congestion } from "./congestion.ts";
import type { Host } from "./host.ts";
import type { SocketLimits } from "./limits.ts";
import type { Log } from "./log.ts";
import { Membership } from "./membership.ts";
import { Outlet } from "./outlet.ts";
import { type Encoded, type Frame, isBytes, type Serializer, UndecodableFrame } from "./serializer.ts";
import type { Broadcast, Topics } from "./topics.ts";
import type { Transport } from "./transport.ts";

/** What all sockets share. */
export interface Layer<Assigns> {
  readonly limits: SocketLimits;
  readonly log: Log;
  readonly topics: Topics;
  readonly congestion: Congestion;
  route(topic: string): Channel<Assigns> | undefined;
  added(socket: Socket<Assigns>): void;
  gone(socket: Socket<Assigns>): void;
}

/** Who a client is, once `connect` has let it in. */
export interface Identity<Assigns> {
  assigns: Assigns;
  id?: string;
}

/** One connection and its channels, whatever it runs over. Nothing that a client or a channel does makes it throw. */
export class Socket<Assigns> implements Host<Assigns> {
  readonly assigns: Assigns;
  readonly id: string | undefined;
  readonly transport: Transport;
  readonly #layer: Layer<Assigns>;
  readonly #serializer: Serializer;
  readonly #outlet: Outlet;
  #members: Map<string, Membership<Assigns>> | undefined;
  #joining = 0;
  #closed = false;

  constructor(layer: Layer<Assigns>, serializer: Serializer, identity: Identity<Assigns>, transport: Transport) {
    this.assigns = identity.assigns;
    this.id = identity.id;
    this.transport = transport;
    this.#layer = layer;
    this.#serializer = serializer;
    this.#outlet = new Outlet(transport, layer.limits, layer.congestion);
    layer.added(this);
  }

  get limits(): SocketLimits {
    return this.#layer.limits;
  }

  get log(): Log {
    return this.#layer.log;
  }

  get congested(): boolean {
    return this.#outlet.congested;
  }

  get busy(): boolean {
    for (const membership of this.#members?.values() ?? []) if (membership.busy) return true;
    return false;
  }

  receive(data: Buffer, isBinary: boolean): void {
    if (this.#closed) return;
    try {
      this.dispatch(this.#serializer.decode(data, isBinary, this.limits.payloadDepth));
    } catch (error) {
      if (error instanceof UndecodableFrame) this.log.debug({ err: error }, "a frame could not be decoded");
      else this.log.error({ err: error }, "a frame was not handled");
      this.close(1011, "");
    }
  }

  dispatch(frame: Frame): void {
    const { joinRef, topic, event } = frame;
    if (topic === "phoenix" && event === "heartbeat") return this.#heartbeat(frame);
    const member = typeof topic === "string" ? this.#members?.get(topic) : undefined;
    if (event === "phx_join") this.#join(frame, member);
    else if (member) {
      if (joinRef === null || sameRef(joinRef, member.joinRef)) member.receive(frame);
    } else if (event === "phx_leave") this.sendReply(joinRef, frame, { status: "ok", response: {} });
    else this.#unmatched(frame);
  }

  #join(frame: Frame, current: Membership<Assigns> | undefined): void {
    const { topic } = frame;
    const channel = typeof topic === "string" ? this.#layer.route(topic) : undefined;
    if (typeof topic !== "string" || !channel) return this.#unmatched(frame);
    this.#members ??= new Map();
    const { channels } = this.limits;
    if (this.#joining >= channels || (!current && this.#members.size >= channels)) {
      return this.#refuse(frame, { reason: "too many channels joined" });
    }
    if (frame.tooDeep)
      return this.#refuse(frame, { reason: "invalid_payload", message: "The payload nests too deeply." });
    const membership = new Membership(this, topic, frame, current?.replace());
    // The channel that was replaced may have closed the socket.
    if (this.#closed) return;
    this.#members.set(topic, membership);
    this.#joining += 1;
    membership.start(channel);
  }

  #heartbeat(frame: Frame): void {
    if (this.transport.heartbeatsAcknowledge) {
      this.asked();
      this.answered();
    }
    this.sendReply(null, frame, { status: "ok", response: {} });
  }

  /** The client asked for something that it asks for only when it has read the answer before. */
  asked(): void {
    this.#outlet.asked((error) => this.log.error({ err: error }, "an acknowledgement was not taken"));
  }

  answered(): void {
    this.#outlet.answered();
  }

  #unmatched(frame: Frame): void {
    this.sendReply(null, frame, { status: "error", response: { reason: "unmatched topic" } });
  }

  #refuse(frame: Frame, response: object): void {
    this.sendReply(frame.joinRef, frame, { status: "error", response });
  }

  sendReply(joinRef: unknown, frame: Frame, { status, response = {} }: Reply): boolean {
    try {
      if (response instanceof Uint8Array) this.#requireBytes();
      this.send(this.#serializer.reply(joinRef, frame.ref, frame.topic, status, response));
      return true;
    } catch (error) {
      this.log.error({ err: error, topic: frame.topic, event: frame.event }, "a reply could not be encoded");
      return false;
    }
  }

  encodePush(membership: Membership<Assigns>, event: string, payload: PushPayload): Encoded | undefined {
    const { joinRef, topic } = membership;
    try {
      if (isBytes(payload)) return this.#requireBytes()(joinRef, topic, event, payload);
      membership.prefix ??= this.#serializer.prefix(joinRef, topic);
      return this.#serializer.push(membership.prefix, event, payload);
    } catch (error) {
      this.log.error({ err: error, topic, event }, "a push could not be encoded");
      return undefined;
    }
  }

  sendEnd({ joinRef, join, topic }: Membership<Assigns>, event: "phx_close" | "phx_error", payload: object): void {
    this.send(this.#serializer.message(joinRef, join.joinRef, topic, event, payload));
  }

  sendBroadcast(broadcast: Broadcast): void {
    const data = broadcast.isBytes && !this.transport.takesBytes ? undefined : broadcast.encode(this.#serializer);
    if (data !== undefined) this.send(data);
  }

  send(data: Encoded, acknowledged?: () => void): void {
    if (!this.#closed && !this.#outlet.send(data, acknowledged)) this.close(1013, "slow consumer");
  }

  whenWritable(resume: () => void): void {
    if (!this.#closed) this.#outlet.whenWritable(resume);
  }

  joinSettled(): void {
    this.#joining -= 1;
  }

  joined(membership: Membership<Assigns>): void {
    this.#layer.topics.add(membership);
  }

  ended(membership: Membership<Assigns>): void {
    this.#layer.topics.remove(membership);
    if (this.#members?.get(membership.topic) === membership) this.#members.delete(membership.topic);
  }

  /** The channels end a little later: whoever called may be one of them, in the middle of something. */
  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.transport.close(code, reason);
    queueMicrotask(() => this.#end());
  }

  /** Called by the transport once nothing is left of the connection. */
  gone(): void {
    this.#closed = true;
    this.#end();
    this.#layer.gone(this);
  }

  #end(): void {
    this.#outlet.end();
    for (const membership of this.#members?.values() ?? []) membership.end("closed");
  }

  #requireBytes(): NonNullable<Serializer["pushBytes"]> {
    if (!this.#serializer.pushBytes || !this.transport.takesBytes) throw new TypeError("This client takes no bytes.");
    return this.#serializer.pushBytes;
  }
}

/** Refs are strings with every known client, but any JSON may stand there. */
function sameRef(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));
}
