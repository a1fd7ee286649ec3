import type { Socket } from "phoenix";

import { ConversationError } from "./error.ts";
import type { Delivery } from "./outbox.ts";

/** A message that the server has not confirmed or, if it has an error, has refused. */
export interface Unsent {
  delivery: Delivery;
  error?: ConversationError;
}

/** The part of `sessionStorage` that is used. */
export type TextStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** In the storage, by conversation id. */
type Stored = Record<string, { delivery: Delivery; error?: Pick<ConversationError, "code" | "message" | "details"> }[]>;

export type UnsentMessages = ReturnType<typeof unsentMessages>;

/** A user's messages that the server does not have yet, kept in the storage if there is one. */
export function unsentMessages(storage: TextStorage | null | undefined, owner: string, id: string) {
  const name = `conversation-channel.unsent.${owner}`;
  let all = (stored()[id] ?? []).map(({ delivery, error }): Unsent => {
    return error ? { delivery, error: new ConversationError(error.code, error.message, error.details) } : { delivery };
  });

  const at = (messageId: string) => all.find(({ delivery }) => delivery.payload.id === messageId);

  /** Only this client writes it. */
  function stored(): Stored {
    try {
      return JSON.parse(storage?.getItem(name) ?? "{}");
    } catch {
      return {};
    }
  }

  /** A `regenerate` is not kept, because it has no text to lose. A full or blocked storage keeps nothing. */
  function put(messageId: string, ...changed: Unsent[]): void {
    all = [...all.filter(({ delivery }) => delivery.payload.id !== messageId), ...changed];
    const mine = all.filter(({ delivery }) => delivery.event !== "regenerate");
    const { [id]: _before, ...others } = stored();
    const texts = JSON.stringify(mine.length > 0 ? { ...others, [id]: mine } : others);
    try {
      if (texts === "{}") storage?.removeItem(name);
      else storage?.setItem(name, texts);
    } catch {}
  }

  return {
    all: (): readonly Unsent[] => all,
    /** There are stored messages to send, which are sent even after this conversation is left. */
    isKept: () => Boolean(storage) && all.some(isWaiting),
    at,
    add: (delivery: Delivery) => put(delivery.payload.id, { delivery }),
    remove: (messageId: string) => at(messageId) && put(messageId),
    refuse(messageId: string, error: ConversationError): void {
      const refused = at(messageId);
      if (refused) put(messageId, { ...refused, error });
    },
    /** Other conversations of this user with unsent messages. */
    elsewhere(): string[] {
      const others = Object.entries(stored()).filter(([other, messages]) => other !== id && messages.some(isWaiting));
      return others.map(([other]) => other);
    },
  };
}

const isWaiting = ({ error }: { error?: unknown }) => !error;

/** The tab's storage. Some browsers throw on access. Node has one that belongs to no page. */
export function tabStorage(): TextStorage | undefined {
  try {
    return typeof document === "undefined" ? undefined : sessionStorage;
  } catch {
    return undefined;
  }
}

/** Identifies the user by server, key and name, without revealing the key. For a JWT the subject is used, since tokens change. */
export function ownerOf(socket: Socket & { authToken?: () => string }, userId = ""): string {
  const [address, query] = socket.endPointURL().split("?");
  const params = new URLSearchParams(query);
  const token = params.get("token") ?? socket.authToken?.();
  return digest([address, token ? subjectOf(token) : params.get("api_key"), userId].join());
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
  let sum = 0;
  for (const char of text) sum = Math.imul(sum ^ char.charCodeAt(0), 2654435761);
  return (sum >>> 0).toString(36);
}
