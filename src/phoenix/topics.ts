import { Grouped } from "../grouped.ts";
import { type Encoded, isBytes, type PushPayload, type Serializer } from "./wire/serializer.ts";

/** One event for every member of a topic, encoded once per serializer. */
export class Broadcast {
  readonly #encoded = new Map<Serializer, Encoded | undefined>();
  readonly #topic: string;
  readonly #event: string;
  readonly #payload: PushPayload;
  readonly isBytes: boolean;

  constructor(topic: string, event: string, payload: PushPayload) {
    this.#topic = topic;
    this.#event = event;
    this.#payload = payload;
    this.isBytes = isBytes(payload);
  }

  /** Undefined if the serializer cannot encode bytes. */
  encode(serializer: Serializer): Encoded | undefined {
    if (!this.#encoded.has(serializer)) this.#encoded.set(serializer, this.#encodeOnce(serializer));
    return this.#encoded.get(serializer);
  }

  #encodeOnce(serializer: Serializer): Encoded | undefined {
    return isBytes(this.#payload)
      ? serializer.pushBytes?.(null, this.#topic, this.#event, this.#payload)
      : serializer.message(null, null, this.#topic, this.#event, this.#payload);
  }
}

/** A membership as broadcasts see it. */
export interface Subscriber {
  readonly topic: string;
  deliver(broadcast: Broadcast): void;
}

/** The members of every topic, across all sockets. */
export class Topics {
  readonly #members = new Grouped<string, Subscriber>();
  #size = 0;
  #shared: { topic: string; event: string; payload: PushPayload; broadcast: Broadcast } | undefined;

  get size(): number {
    return this.#size;
  }

  add(member: Subscriber): void {
    this.#members.add(member.topic, member);
    this.#size += 1;
  }

  remove(member: Subscriber): void {
    if (this.#members.delete(member.topic, member)) this.#size -= 1;
  }

  /** The same broadcast as long as the same payload object comes: members are told one after another. */
  shared(topic: string, event: string, payload: PushPayload): Broadcast {
    const last = this.#shared;
    if (last?.payload === payload && last.topic === topic && last.event === event) return last.broadcast;
    const broadcast = new Broadcast(topic, event, payload);
    this.#shared = { topic, event, payload, broadcast };
    return broadcast;
  }

  /** Throws when the payload cannot be encoded. */
  broadcast(topic: string, event: string, payload: PushPayload, except?: object): void {
    if (!this.#members.has(topic)) return;
    const broadcast = new Broadcast(topic, event, payload);
    for (const member of this.#members.of(topic)) {
      if (member !== except) member.deliver(broadcast);
    }
  }
}
