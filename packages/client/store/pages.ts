import { handled } from "../handled.ts";
import type { ClientEvents, Replies } from "../protocol.ts";
import { prepend, reconcile } from "./history-pages.ts";
import type { Turns } from "./turns.ts";

type Push = (event: "get_history", page: ClientEvents["get_history"]) => Promise<Replies["get_history"]>;

const pageSize = 50;

/** Reads the history into the turns. */
export function pages(push: Push, turns: Turns, publish: () => void) {
  let hasEarlier = false;
  let isLoaded = false;
  let isReading = false;
  /** Changes with each join, and when turns leave the history. Pages requested before that are outdated or lost. */
  let version = 0;
  let earlier: Promise<void> | undefined;

  const page = (before?: string) => push("get_history", { limit: pageSize, before });

  /** Reads the newest page. If that fails, the next join reads it again. */
  async function read(): Promise<void> {
    const asked = turns.ids();
    const mine = ++version;
    isReading = true;
    const reply = await page().catch(() => undefined);
    if (mine !== version) return;
    isReading = false;
    if (!reply) return;
    reconcile(turns, reply, asked);
    // If older pages are loaded, they determine `hasEarlier`.
    if (!isLoaded || turns.ids()[0] !== asked[0]) hasEarlier = reply.has_more;
    isLoaded = true;
    publish();
  }

  async function readEarlier(): Promise<void> {
    const [before] = turns.ids();
    if (!hasEarlier || before === undefined) return;
    const asked = version;
    const reply = await page(before).catch((error) => {
      if (asked === version) throw error;
    });
    if (!reply || asked !== version) {
      await readEarlier();
      return;
    }
    prepend(turns, reply.turns);
    hasEarlier = reply.has_more;
    publish();
  }

  return {
    get hasEarlier() {
      return hasEarlier;
    },
    get isLoaded() {
      return isLoaded;
    },
    read: () => void read(),
    loadEarlier(): Promise<void> {
      earlier ??= handled(readEarlier().finally(() => (earlier = undefined)));
      return earlier;
    },
    /** Call when a new session has started. */
    emptied(): void {
      hasEarlier = false;
      if (isReading) void read();
      else version += 1;
    },
  };
}
