import type { HistoryStore } from "../store/history.ts";
import type { Bus, Listener, LiveEvent } from "./bus.ts";
import type { TerminalEvent } from "./terminal-event.ts";

/** After this long without an event, the store is asked instead. */
const timeoutMs = 5_000;

/**
 * Waits for a turn to end and returns its final status, or `waiting` if it begins to wait; undefined if it has not ended in time. Subscribes at once, so the caller can stop the
 * turn right after the call.
 */
export async function endOf(
  bus: Bus,
  history: Pick<HistoryStore, "turn">,
  conversationId: string,
  turnId: string,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<LiveEvent | undefined>();
  const listener: Listener = {
    hear(_conversationId, event) {
      const isOver = event.type === "ended" || event.type === "abandoned" || event.type === "requested";
      if (isOver && event.turnId === turnId) resolve(event);
    },
  };
  bus.subscribe(conversationId, listener);
  const timer = setTimeout(resolve, timeoutMs);
  const event = await promise;
  clearTimeout(timer);
  bus.unsubscribe(conversationId, listener);
  if (!event) {
    const turn = await history.turn(conversationId, turnId);
    return turn?.status === "waiting" ? "waiting" : turn?.outcome?.status;
  }
  if (event.type === "requested") return "waiting";
  return event.type === "ended" ? statusOf(event.terminal) : undefined;
}

function statusOf({ event, payload }: TerminalEvent): string {
  if (event === "error") return "failed";
  return Object(payload.metadata).stopped === true ? "stopped" : "completed";
}
