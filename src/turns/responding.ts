import { ChannelError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Bus } from "./bus.ts";
import type { Live } from "./live.ts";
import { leftBy, waitingEvents } from "./waiting.ts";

interface Parts {
  store: Store;
  bus: Bus;
  live: Live;
  metrics: Pick<Metrics, "waited">;
}

export interface Response {
  /** Tells the members, and lets the turn go on if it has all answers. Call it after the reply was sent. */
  proceed: () => void;
}

/** Answers to waiting turns. */
export function responding({ store, bus, live, metrics }: Parts) {
  async function respond(
    conversationId: string,
    turnId: string,
    answers: ReadonlyMap<string, unknown>,
  ): Promise<Response> {
    const askedAt = await store.waits.askedAt(turnId);
    const answered = await store.waits.answer(conversationId, turnId, answers);
    if (answered === "unknown") throw new ChannelError("not_found", "The turn does not wait for this answer.");
    const turn = await store.history.turn(conversationId, turnId);
    return {
      proceed() {
        bus.publish(conversationId, { type: "answered", turnId, interruptIds: [...answers.keys()] });
        if (answered !== "complete" || !turn) return;
        if (askedAt !== undefined) metrics.waited(Date.now() - askedAt);
        bus.send({ type: "wake", conversationId, userId: turn.userId, turnId });
      },
    };
  }

  /** A turn waits since before anybody watched. */
  async function isForgotten(conversationId: string): Promise<boolean> {
    return !live.running(conversationId) && (await store.waits.waiting(conversationId)) !== undefined;
  }

  async function recall(conversationId: string): Promise<void> {
    const found = await store.waits.waiting(conversationId);
    if (!found) return;
    const left = await leftBy(store, found.turn);
    live.recall(conversationId, waitingEvents(found.turn, { ...left, wait: found.wait }));
  }

  return { respond, isForgotten, recall };
}
