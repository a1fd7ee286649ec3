import type { PresenceState } from "../phoenix/presence.ts";
import type { Command, LiveEvent } from "../turns/bus.ts";
import type { Has, Snapshot } from "../turns/snapshot.ts";

/** What nodes say to each other about a conversation. */
export type Body =
  /** The sender wants to know what runs and who is present. `has`: what it shows of a running turn. */
  | { type: "hello"; has?: Has; present: PresenceState }
  /** The reply to `hello`. `turn`: what runs on the sender. */
  | { type: "state"; turn?: Snapshot; present: PresenceState }
  | { type: "events"; events: LiveEvent[] }
  | { type: "present"; present: PresenceState }
  | { type: "command"; command: Command }
  /** Something was not told: the store knows it. */
  | { type: "check" }
  /** The sender listens no longer. */
  | { type: "bye" };

/** Letters of one `link` are numbered without gaps. Link 0 is for single ones. */
export interface Letter {
  from: string;
  link: number;
  n: number;
  body: Body;
}

export function written(letter: Letter): string {
  return JSON.stringify(letter, (_key, value: unknown) => (value instanceof Map ? { map: [...value] } : value));
}

/** Undefined for what no node writes. */
export function read(message: string): Letter | undefined {
  try {
    const letter = JSON.parse(message) as Letter; // nobody else writes on these channels
    if (typeof letter.from !== "string" || typeof letter.link !== "number" || typeof letter.n !== "number")
      return undefined;
    if (letter.body.type === "events") for (const event of letter.body.events) restoreCalls(event);
    return letter;
  } catch {
    return undefined;
  }
}

function restoreCalls(event: LiveEvent): void {
  if (event.type !== "began" || !event.before) return;
  const { map = [] } = event.before.calls as unknown as { map?: [string, never][] }; // see `written`
  event.before = { ...event.before, calls: new Map(map) };
}
