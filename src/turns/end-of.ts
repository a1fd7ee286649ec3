import type { HistoryStore } from "../store/history.ts";
import type { Bus, LiveEvent } from "./bus.ts";
import type { TerminalEvent } from "./terminal-event.ts";

/** The end of a running turn is waited for at most so long, in ms, before the store is asked. */
const longestMs = 5_000;

/** How a running turn ends, or has ended: listens first, for it may end at once. Undefined when that is not known in time. */
export function endOf(
  bus: Bus,
  history: Pick<HistoryStore, "turn">,
  conversationId: string,
  turnId: string,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const unsubscribe = bus.subscribe(`conversation:${conversationId}`, see);
    const timer = setTimeout(() => {
      unsubscribe();
      history.turn(conversationId, turnId).then((turn) => resolve(turn?.outcome?.status), reject);
    }, longestMs);

    function see(event: LiveEvent): void {
      const isEnd = event.type === "ended" || event.type === "left";
      if (!(isEnd && event.turnId === turnId)) return;
      clearTimeout(timer);
      unsubscribe();
      resolve(event.type === "ended" ? statusOf(event.terminal) : undefined);
    }
  });
}

function statusOf({ event, payload }: TerminalEvent): string {
  if (event === "error") return "failed";
  return Object(payload.metadata).stopped === true ? "stopped" : "completed";
}
