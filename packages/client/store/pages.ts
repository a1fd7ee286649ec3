import { ConversationError } from "../error.ts";
import type { ClientEvents, Replies } from "../protocol.ts";
import { prepend, reconcile } from "./history-pages.ts";
import type { Turns } from "./turns.ts";

type Push = (event: "get_history", page: ClientEvents["get_history"]) => Promise<Replies["get_history"]>;

const pageSize = 50;

/** Reads the history into the turns. */
export function pages(push: Push, turns: Turns, publish: () => void) {
  let hasEarlier = false;
  let isLoaded = false;
  /** Changes when turns leave the history: a page that was asked for before may have them, and is asked for again. */
  let version = 0;
  let newest: Promise<void> | undefined;
  let earlier: Promise<void> | undefined;

  async function page(before?: string): Promise<Replies["get_history"] & { asked: string[] }> {
    while (true) {
      const askedAt = version;
      const asked = turns.ids();
      const reply = await push("get_history", { limit: pageSize, before });
      if (askedAt === version) return { ...reply, asked };
    }
  }

  /** Reads the newest page. What fails is read again after the next join. */
  async function readNewest(): Promise<void> {
    try {
      const { asked, ...reply } = await page();
      const [oldest] = turns.ids();
      reconcile(turns, reply, asked);
      // Older pages that are there already tell what is before them.
      if (!isLoaded || turns.ids()[0] !== oldest) hasEarlier = reply.has_more;
      isLoaded = true;
      publish();
    } catch (error) {
      if (!(error instanceof ConversationError)) throw error;
    }
  }

  async function readEarlier(): Promise<void> {
    const [before] = turns.ids();
    if (!hasEarlier || before === undefined) return;
    const reply = await page(before);
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
    /** Reads the newest page. If that is under way, it is asked for once more. */
    read(): void {
      version += 1;
      newest ??= readNewest().finally(() => (newest = undefined));
    },
    loadEarlier(): Promise<void> {
      earlier ??= readEarlier().finally(() => (earlier = undefined));
      return earlier;
    },
    /** Call when turns have left the history. */
    shortened(): void {
      version += 1;
    },
    /** Call when a new session has started. */
    emptied(): void {
      version += 1;
      hasEarlier = false;
    },
  };
}
