import type { JsonObject } from "../../graphs/host.ts";
import type { Store } from "../store/store.ts";
import type { Bus } from "./bus.ts";
import { endOf } from "./end-of.ts";
import type { Live } from "./live.ts";
import { answered } from "./outcome.ts";
import { terminalEvent } from "./terminal-event.ts";

interface Parts {
  store: Store;
  bus: Bus;
  live: Live;
}

/** Ends turns, running or waiting, wherever they run. */
export function stopping({ store, bus, live }: Parts) {
  /** False when the turn is over or unknown. */
  async function stop(conversationId: string, turnId: string): Promise<boolean> {
    const turn = await store.history.turn(conversationId, turnId);
    if (turn?.status === "running") return await stopRunning(conversationId, turnId);
    if (turn?.status !== "queued") return false;
    const outcome = answered(turn, { text: "", route: undefined, metadata: nothingSpent() }, true);
    const beside = live.running(conversationId)?.length ?? 0;
    const isSent = live.isWatched(conversationId);
    if (!(await store.turns.endQueued(turnId, { outcome, isSent }, beside)))
      return await stopRunning(conversationId, turnId);
    bus.publish(conversationId, { type: "ended", turnId, terminal: terminalEvent(turn, outcome) });
    return true;
  }

  async function stopRunning(conversationId: string, turnId: string): Promise<boolean> {
    const end = endOf(bus, store.history, conversationId, turnId);
    bus.order({ type: "stop", turnIds: [turnId], reason: "stopped" });
    return (await end) === "stopped";
  }

  /** The last first, so that none of them begins while those before it end. */
  async function stopAll(conversationId: string): Promise<void> {
    for (const turn of (await store.turns.open(conversationId)).toReversed()) await stop(conversationId, turn.id);
  }

  return { stop, stopAll };
}

function nothingSpent(): JsonObject {
  return {
    processing_time: 0,
    model_used: "",
    usage: { input_tokens: 0, output_tokens: 0, llm_calls: 0 },
    prompts: {},
  };
}
