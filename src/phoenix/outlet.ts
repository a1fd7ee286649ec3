import { Acknowledgements } from "./acknowledgements.ts";
import type { Reply } from "./channel.ts";
import type { Congestion } from "./congestion.ts";
import type { SocketLimits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Broadcast } from "./topics.ts";
import type { Transport } from "./transport.ts";
import type { User } from "./user.ts";
import { type Encoded, type Frame, isBytes, type PushPayload, type Serializer } from "./wire/serializer.ts";

/** The member that a frame belongs to. */
interface Sender {
  readonly topic: string;
  readonly joinRef: unknown;
  /** The `join_ref` that the join had; may be null. */
  readonly givenJoinRef: unknown;
  /** The encoded start of a push, the same for all of the member's pushes. */
  prefix: string | undefined;
}

interface OutletOptions {
  readonly limits: SocketLimits;
  readonly log: Log;
  readonly congestion: Congestion;
}

interface Destination {
  transport: Transport;
  user: User;
}

/** The outgoing half of a socket: sends frames, closes sockets that read too slowly, tracks acknowledgements. Never throws. */
export class Outlet {
  readonly #options: OutletOptions;
  readonly #transport: Transport;
  readonly #user: User;
  readonly #serializer: Serializer;
  #overflowed: (() => void) | undefined;
  /** The size of a sent frame that alone exceeds the backlog limit. */
  #oversize = 0;
  #acknowledgements: Acknowledgements | undefined;
  #resumes: (() => void)[] | undefined;

  /** `overflowed` runs when the backlog limit is exceeded. It should close the socket. */
  constructor(
    options: OutletOptions,
    { transport, user }: Destination,
    serializer: Serializer,
    overflowed: () => void,
  ) {
    this.#options = options;
    this.#transport = transport;
    this.#user = user;
    this.#serializer = serializer;
    this.#overflowed = overflowed;
  }

  get congested(): boolean {
    return this.#transport.bufferedBytes > this.#options.limits.congestedBytes;
  }

  /** An uncongested client may be sent a frame of any size; for others the backlog limit applies. */
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
    if (!this.#user.maySend(this.#transport, data.length)) {
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
      const prefix = sender.prefix || this.#serializer.prefix(joinRef, topic);
      // Kept from the second push on: an idle member is pushed nothing but who is present.
      sender.prefix = sender.prefix === undefined ? "" : prefix;
      return this.#serializer.push(prefix, event, payload);
    } catch (error) {
      this.#options.log.error({ err: error, topic, event }, "a push could not be encoded");
      return undefined;
    }
  }

  end({ joinRef, givenJoinRef, topic }: Sender, event: "phx_close" | "phx_error", payload: object): void {
    this.send(this.#serializer.message(joinRef, givenJoinRef, topic, event, payload));
  }

  broadcast(broadcast: Broadcast): void {
    const data = broadcast.isBytes && !this.#transport.supportsBinary ? undefined : broadcast.encode(this.#serializer);
    if (data !== undefined) this.send(data);
  }

  /** Call when the client's next request arrives: it has read the last reply and everything sent before it. */
  requested(): void {
    this.#acknowledgements?.requested((error) =>
      this.#options.log.error({ err: error }, "a channel crashed in an acknowledgement"),
    );
  }

  /** Call when a reply to a heartbeat or a poll is sent. */
  replied(): void {
    this.#acknowledgements?.replied();
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

  /** Stops sending, for good. */
  shut(): void {
    this.#overflowed = undefined;
    this.#acknowledgements = undefined;
    this.#resumes = undefined;
    this.#options.congestion.forget(this);
  }

  #requireBytes(): NonNullable<Serializer["pushBytes"]> {
    if (!this.#serializer.pushBytes || !this.#transport.supportsBinary)
      throw new TypeError("This client does not support binary frames.");
    return this.#serializer.pushBytes;
  }
}
