import type { TurnStore } from "../store/turns.ts";
import type { Log } from "../telemetry/log.ts";
import type { Bus } from "./bus.ts";
import type { Runner } from "./runner.ts";

/** On average. */
const pauseMs = 1_000;

/** Between two looks, if there is more to do than may run at the same time. */
const minPauseMs = 50;

/** Conversations that run here at the same time because they were found. The rest of the slots are for new messages. */
const maxFound = 64;

const pageSize = 200;
const maxPageSize = 12_800;

/** Looks for turns that nobody runs: those of a process that has ended, and those for which another has no slot. */
export interface Sweeper {
  close(): void;
}

interface Parts {
  turns: Pick<TurnStore, "unclaimed">;
  runner: Pick<Runner, "runIfFree">;
  bus: Pick<Bus, "onCommand">;
  log: Log;
}

/** Looks at once, and then again and again, at times that differ from those of other processes. */
export function sweeper({ turns, runner, bus, log }: Parts): Sweeper {
  const found = new Set<Promise<void>>();
  let limit = pageSize;
  let hasMore = false;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const unsubscribe = bus.onCommand((command) => {
    if (command.type !== "look") return;
    for (const { conversationId, userId } of command.conversations) run(conversationId, userId);
  });

  function run(conversationId: string, userId: string): boolean {
    const done = found.size < maxFound ? runner.runIfFree(conversationId, userId) : undefined;
    if (!done) return false;
    found.add(done);
    void done.finally(() => {
      found.delete(done);
      if (hasMore) lookIn(minPauseMs);
      hasMore = false;
    });
    return true;
  }

  function lookIn(ms: number): void {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(look, ms).unref();
  }

  async function look(): Promise<void> {
    try {
      const all = await turns.unclaimed(limit);
      const started = all.filter(({ conversationId, userId }) => run(conversationId, userId)).length;
      hasMore = started < all.length;
      // The oldest ones may be those of a user without a free slot.
      limit =
        started === 0 && found.size < maxFound && all.length === limit ? Math.min(limit * 2, maxPageSize) : pageSize;
    } catch (error) {
      log.warn({ err: error }, "could not look for unfinished turns");
    }
    lookIn(pauseMs * (0.75 + Math.random() / 2));
  }

  void look();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      unsubscribe();
    },
  };
}
