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
  /** Most topics have a single member, which is stored without a Set to save memory. */
  readonly #members = new Map<string, Subscriber | Set<Subscriber>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(member: Subscriber): void {
    const members = this.#members.get(member.topic);
    if (members === undefined) this.#members.set(member.topic, member);
    else if (members instanceof Set) members.add(member);
    else this.#members.set(member.topic, new Set([members, member]));
    this.#size += 1;
  }

  remove(member: Subscriber): void {
    const members = this.#members.get(member.topic);
    const removed = members instanceof Set ? members.delete(member) : members === member;
    if (!removed) return;
    this.#size -= 1;
    if (!(members instanceof Set) || members.size === 0) this.#members.delete(member.topic);
  }

  /** Throws when the payload cannot be encoded. */
  broadcast(topic: string, event: string, payload: PushPayload, except?: object): void {
    const members = this.#members.get(topic);
    if (members === undefined) return;
    const broadcast = new Broadcast(topic, event, payload);
    for (const member of members instanceof Set ? members : [members]) {
      if (member !== except) member.deliver(broadcast);
    }
  }
}
