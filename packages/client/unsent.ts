import type { Socket } from "phoenix";

import { ConversationError } from "./error.ts";
import type { Delivery } from "./outbox.ts";

/** A message that the server does not have: not confirmed yet or, with an error, refused. */
export interface Unsent {
  delivery: Delivery;
  error?: ConversationError;
}

/** What is needed of `sessionStorage`. */
export type TextStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** In the storage, by conversation id. */
type Stored = Record<string, { delivery: Delivery; error?: Pick<ConversationError, "code" | "message" | "details"> }[]>;

/** The messages of a user that the server does not have yet. They are kept in the storage, if there is one. */
export class UnsentMessages {
  readonly #storage: TextStorage | undefined;
  readonly #name: string;
  readonly #id: string;
  #all: readonly Unsent[];

  constructor(storage: TextStorage | null | undefined, owner: string, id: string) {
    this.#storage = storage ?? undefined;
    this.#name = `conversation-channel.unsent.${owner}`;
    this.#id = id;
    this.#all = (this.#stored()[id] ?? []).map(({ delivery, error }) =>
      error ? { delivery, error: new ConversationError(error.code, error.message, error.details) } : { delivery },
    );
  }

  get all(): readonly Unsent[] {
    return this.#all;
  }

  /** Messages that are still to be sent, and will be, also when this page is closed. */
  get isKept(): boolean {
    return this.#storage !== undefined && this.#all.some(({ error }) => !error);
  }

  at(id: string): Unsent | undefined {
    return this.#all.find(({ delivery }) => delivery.payload.id === id);
  }

  add(delivery: Delivery): void {
    this.#write([...this.#without(delivery.payload.id), { delivery }]);
  }

  remove(id: string): void {
    if (this.at(id)) this.#write(this.#without(id));
  }

  refuse(id: string, error: ConversationError): void {
    const refused = this.at(id);
    if (refused) this.#write([...this.#without(id), { ...refused, error }]);
  }

  /** Other conversations of this user in which messages wait. */
  elsewhere(): string[] {
    const others = Object.entries(this.#stored()).filter(([id]) => id !== this.#id);
    return others.flatMap(([id, messages]) => (messages.some(({ error }) => !error) ? id : []));
  }

  #without(id: string): Unsent[] {
    return this.#all.filter(({ delivery }) => delivery.payload.id !== id);
  }

  /** A `regenerate` has no words that could be lost, and is not kept. A storage that is full or forbidden keeps nothing. */
  #write(all: readonly Unsent[]): void {
    this.#all = all;
    const { [this.#id]: _before, ...others } = this.#stored();
    const mine = all
      .filter(({ delivery }) => delivery.event !== "regenerate")
      .map(({ delivery, error }) => {
        if (!error) return { delivery };
        const { code, message, details } = error;
        return { delivery, error: { code, message, details } };
      });
    const stored: Stored = mine.length > 0 ? { ...others, [this.#id]: mine } : others;
    try {
      if (Object.keys(stored).length > 0) this.#storage?.setItem(this.#name, JSON.stringify(stored));
      else this.#storage?.removeItem(this.#name);
    } catch {}
  }

  /** Only this client writes it. */
  #stored(): Stored {
    try {
      return JSON.parse(this.#storage?.getItem(this.#name) ?? "{}");
    } catch {
      return {};
    }
  }
}

/** The tab's storage. Some browsers forbid to look at it. Node has one that is not of a page. */
export function tabStorage(): TextStorage | undefined {
  try {
    return typeof document === "undefined" ? undefined : sessionStorage;
  } catch {
    return undefined;
  }
}

/** Tells users apart, by server, key and name, without telling the key. Of a JWT its subject counts, since tokens change. */
export function ownerOf(socket: Socket & { authToken?: () => string }, userId = ""): string {
  const { host, pathname, searchParams } = new URL(socket.endPointURL());
  const token = searchParams.get("token") ?? socket.authToken?.();
  return digest([host, pathname, token ? subjectOf(token) : searchParams.get("api_key"), userId].join("\n"));
}

function subjectOf(token: string): string {
  try {
    const payload = token.split(".")[1] ?? "";
    return JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))).sub;
  } catch {
    return token;
  }
}

function digest(text: string): string {
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    one = Math.imul(one ^ text.charCodeAt(at), 2654435761);
    other = Math.imul(other ^ text.charCodeAt(at), 1597334677);
  }
  return (one >>> 0).toString(36) + (other >>> 0).toString(36);
}
