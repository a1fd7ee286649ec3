import { Acknowledgements } from "./acknowledgements.ts";
import type { Reply } from "./channel.ts";
import type { Congestion } from "./congestion.ts";
import type { SocketLimits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Broadcast } from "./topics.ts";
import type { Transport } from "./transport.ts";
import { type Encoded, type Frame, isBytes, type PushPayload, type Serializer } from "./wire/serializer.ts";

/** What frames of one member have in common. */
interface Sender {
  readonly topic: string;
  readonly joinRef: unknown;
  /** The join_ref as the join gave it. */
  readonly givenJoinRef: unknown;
  /** The encoded part that all its pushes share. */
  prefix: string | undefined;
}

interface OutletOptions {
  readonly limits: SocketLimits;
  readonly log: Log;
  readonly congestion: Congestion;
}

/** The outgoing half of a socket: what is sent, how much may wait for a slow reader, what was read. It never throws. */
export class Outlet {
  readonly #options: OutletOptions;
  readonly #transport: Transport;
  readonly #serializer: Serializer;
  #overflowed: (() => void) | undefined;
  /** Bytes of a frame that was let through although it does not fit into the backlog. */
  #oversize = 0;
  #acknowledgements: Acknowledgements | undefined;
  #resumes: (() => void)[] | undefined;

  /** `overflowed` runs when the client reads too slowly to be kept. */
  constructor(options: OutletOptions, transport: Transport, serializer: Serializer, overflowed: () => void) {
    this.#options = options;
    this.#transport = transport;
    this.#serializer = serializer;
    this.#overflowed = overflowed;
  }

  get congested(): boolean {
    return this.#transport.bufferedBytes > this.#options.limits.congestedBytes;
  }

  /** A client that keeps up is sent a frame of any size; to others only what the backlog holds. */
  send(data: Encoded, acknowledged?: () => void): void {
    if (!this.#overflowed) return;
    const { congestedBytes, backlogBytes, acknowledgements } = this.#options.limits;
    const buffered = this.#transport.bufferedBytes;
    const bytes = buffered + data.length;
    if (buffered <= congestedBytes) this.#oversize = bytes > backlogBytes ? data.length : 0;
    else if (bytes > backlogBytes + this.#oversize) {
      this.#overflowed();
      return;
    }
    this.#transport.send(data);
    if (!acknowledged) return;
    this.#acknowledgements ??= new Acknowledgements(acknowledgements);
    this.#acknowledgements.await(acknowledged);
  }

  /** False when the reply cannot be encoded. */
  reply(joinRef: unknown, { ref, topic, event }: Frame, { status, response = {} }: Reply): boolean {
    try {
      if (response instanceof Uint8Array) this.#requireBytes();
      this.send(this.#serializer.reply(joinRef, ref, topic, status, response));
      return true;
    } catch (error) {
      this.#options.log.error({ err: error, topic, event }, "a reply could not be encoded");
      return false;
    }
  }

  /** Undefined when the push cannot be encoded. */
  encodePush(sender: Sender, event: string, payload: PushPayload): Encoded | undefined {
    const { joinRef, topic } = sender;
    try {
      if (isBytes(payload)) return this.#requireBytes()(joinRef, topic, event, payload);
      sender.prefix ??= this.#serializer.prefix(joinRef, topic);
      return this.#serializer.push(sender.prefix, event, payload);
    } catch (error) {
      this.#options.log.error({ err: error, topic, event }, "a push could not be encoded");
      return undefined;
    }
  }

  end({ joinRef, givenJoinRef, topic }: Sender, event: "phx_close" | "phx_error", payload: object): void {
    this.send(this.#serializer.message(joinRef, givenJoinRef, topic, event, payload));
  }

  broadcast(broadcast: Broadcast): void {
    const data = broadcast.isBytes && !this.#transport.takesBytes ? undefined : broadcast.encode(this.#serializer);
    if (data !== undefined) this.send(data);
  }

  /** The client asked again, so it has read the answer before, and all that was sent before that. */
  asked(): void {
    this.#acknowledgements?.asked((error) =>
      this.#options.log.error({ err: error }, "a channel crashed in an acknowledgement"),
    );
  }

  answered(): void {
    this.#acknowledgements?.answered();
  }

  whenWritable(resume: () => void): void {
    if (!this.#overflowed) return;
    this.#resumes ??= [];
    this.#resumes.push(resume);
    this.#options.congestion.watch(this);
  }

  takeResumes(): (() => void)[] {
    return this.#resumes?.splice(0) ?? [];
  }

  /** Nothing is sent from here on. */
  shut(): void {
    this.#overflowed = undefined;
    this.#acknowledgements = undefined;
    this.#resumes = undefined;
    this.#options.congestion.forget(this);
  }

  #requireBytes(): NonNullable<Serializer["pushBytes"]> {
    if (!this.#serializer.pushBytes || !this.#transport.takesBytes) throw new TypeError("This client takes no bytes.");
    return this.#serializer.pushBytes;
  }
}
