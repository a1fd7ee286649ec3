import type { HistoryStore } from "../store/history.ts";
import type { TurnStatus } from "../store/turns.ts";
import type { Bus, Listener, LiveEvent } from "./bus.ts";
import type { TerminalEvent } from "./terminal-event.ts";

/** How long to wait for an event before the store is asked, which knows of turns on other nodes too. */
const patienceMs = 250;

const timeoutMs = 8_000;

/**
 * Waits until a turn no longer runs, and returns its status; undefined if it still runs after a while. Subscribes at once, so the caller can stop
 * the turn right after the call. `unheard` is called if no event comes at first.
 */
export async function endOf(
  bus: Bus,
  history: Pick<HistoryStore, "turn">,
  { conversationId, turnId }: { conversationId: string; turnId: string },
  unheard: () => Promise<unknown>,
): Promise<TurnStatus | undefined> {
  const heard = listenFor(bus, conversationId, turnId);
  const giveUpAt = performance.now() + timeoutMs;
  try {
    let status = await heard.within(patienceMs);
    if (!status) await unheard();
    while (!status && performance.now() < giveUpAt) {
      const turn = await history.turn(conversationId, turnId);
      status = turn?.status === "running" ? await heard.within(patienceMs) : turn?.status;
    }
    return status;
  } finally {
    heard.stop();
  }
}

/** `within` resolves with the status that the turn then has, or with undefined after some time. */
function listenFor(bus: Bus, conversationId: string, turnId: string) {
  const { promise, resolve } = Promise.withResolvers<TurnStatus | undefined>();
  const listener: Listener = {
    hear(_conversationId, event) {
      if ("turnId" in event && event.turnId === turnId) resolveIfOver(event);
    },
  };

  function resolveIfOver(event: LiveEvent): void {
    if (event.type === "requested") resolve("waiting");
    if (event.type === "ended") resolve(statusOf(event.terminal));
  }

  bus.subscribe(conversationId, listener);
  return {
    async within(ms: number): Promise<TurnStatus | undefined> {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((over) => {
        timer = setTimeout(() => over(undefined), ms);
      });
      const status = await Promise.race([promise, late]);
      clearTimeout(timer);
      return status;
    },
    stop: () => bus.unsubscribe(conversationId, listener),
  };
}

function statusOf({ event, payload }: TerminalEvent): TurnStatus {
  if (event === "error") return "failed";
  return Object(payload.metadata).stopped === true ? "stopped" : "completed";
}
