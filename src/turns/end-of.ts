import type { HistoryStore } from "../store/history.ts";
import type { Bus, Listener, LiveEvent } from "./bus.ts";
import type { TerminalEvent } from "./terminal-event.ts";

/** The end of a running turn is waited for at most so long, in ms, before the store is asked. */
const longestMs = 5_000;

/** How a running turn ends, or has ended: listens first, for it may end at once. Undefined when that is not known in time. */
export async function endOf(
  bus: Bus,
  history: Pick<HistoryStore, "turn">,
  conversationId: string,
  turnId: string,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<LiveEvent | undefined>();
  const listener: Listener = {
    hear(_conversationId, event) {
      if ((event.type === "ended" || event.type === "left") && event.turnId === turnId) resolve(event);
    },
  };
  bus.subscribe(conversationId, listener);
  const timer = setTimeout(resolve, longestMs);
  const event = await promise;
  clearTimeout(timer);
  bus.unsubscribe(conversationId, listener);
  if (!event) return (await history.turn(conversationId, turnId))?.outcome?.status;
  return event.type === "ended" ? statusOf(event.terminal) : undefined;
}

function statusOf({ event, payload }: TerminalEvent): string {
  if (event === "error") return "failed";
  return Object(payload.metadata).stopped === true ? "stopped" : "completed";
}
