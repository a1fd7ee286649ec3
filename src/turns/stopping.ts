import type { JsonObject } from "../../graphs/host.ts";
import type { Store } from "../store/store.ts";
import type { Bus } from "./bus.ts";
import { endOf } from "./end-of.ts";
import { waitEnder } from "./end-waiting.ts";
import type { Live } from "./live.ts";
import { answered } from "./outcome.ts";
import { terminalEvent } from "./terminal-event.ts";

/** In UTF-16 units. An answer may be so much longer on the node that writes it than on the others: see `cluster/batch.ts`. */
const unheardUnits = 256;

interface Parts {
  store: Store;
  bus: Bus;
  live: Live;
}

/** Stops running, waiting and queued turns. */
export function stopping({ store, bus, live }: Parts) {
  const endWaiting = waitEnder({ store, bus, live });

  /** Returns false if the turn is unknown or has already ended. */
  async function stop(conversationId: string, turnId: string): Promise<boolean> {
    const turn = await store.history.turn(conversationId, turnId);
    if (turn?.status === "running") return await stopRunning(conversationId, turnId);
    if (turn?.status !== "queued" && turn?.status !== "waiting") return false;
    const wait = await store.waits.of(turnId);
    if (wait) return (await endWaiting({ turn, wait })) || (await stopRunning(conversationId, turnId));
    const outcome = answered(turn, { text: "", route: undefined, metadata: nothingSpent() }, true);
    const isSent = live.isWatched(conversationId);
    if (!(await store.turns.endQueued(turnId, { outcome, isSent }, () => offsetIn(conversationId))))
      return await stopRunning(conversationId, turnId);
    bus.publish(conversationId, { type: "ended", turnId, terminal: terminalEvent(turn, outcome), isSent });
    return true;
  }

  /** How far the members may have read the running turn's answer. */
  function offsetIn(conversationId: string): number {
    const running = live.running(conversationId);
    if (!running) return store.isShared ? Number.MAX_SAFE_INTEGER : 0; // one may run on a node that is not heard
    return running.answer.length + (running.isElsewhere ? unheardUnits : 0);
  }

  /** Stops this turn, or the one that runs. */
  async function stopOne(conversationId: string, named: string | undefined) {
    const turnId = named ?? live.running(conversationId)?.id ?? (await runningElsewhere(conversationId));
    return { turnId, stopped: turnId !== undefined && (await stop(conversationId, turnId)) };
  }

  /** A turn that has begun on another node, although nothing has been heard of it. One from the queue has only just begun: nobody means it. */
  async function runningElsewhere(conversationId: string): Promise<string | undefined> {
    if (!store.isShared) return undefined;
    const [first] = await store.turns.open(conversationId);
    const hasBegun = first && (first.status !== "queued" || first.attempt > 0);
    return hasBegun && !live.isQueued(conversationId, first.id) ? first.id : undefined;
  }

  async function stopRunning(conversationId: string, turnId: string): Promise<boolean> {
    // A runner on another node that the bus does not reach finds the request in the store.
    const end = endOf(bus, store.history, { conversationId, turnId }, () => store.turns.requestStop(turnId));
    bus.send({ type: "stop", conversationId, turnIds: [turnId], reason: "stopped" });
    const status = await end;
    const isOpen = status === "waiting" || status === "queued";
    return isOpen ? await stop(conversationId, turnId) : status === "stopped";
  }

  /** Stops the last turn first, so that no queued turn starts meanwhile. */
  async function stopAll(conversationId: string): Promise<void> {
    for (const turn of (await store.turns.open(conversationId)).toReversed()) await stop(conversationId, turn.id);
  }

  return { stopOne, stopAll };
}

function nothingSpent(): JsonObject {
  return {
    processing_time: 0,
    model_used: "",
    usage: { input_tokens: 0, output_tokens: 0, llm_calls: 0 },
    prompts: {},
  };
}
