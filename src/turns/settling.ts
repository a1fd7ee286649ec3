import type { Claim, Outcome, Turn } from "../store/turns.ts";
import type { Wait } from "../store/waits.ts";
import { waitEnder } from "./end-waiting.ts";
import { TurnEnd } from "./outcome.ts";
import type { Held } from "./renewing.ts";
import type { Finished, TurnSettings } from "./run-turn.ts";
import { memoryRefsOf } from "./session-memory.ts";
import type { storeRetries } from "./store-retries.ts";
import { terminalEvent } from "./terminal-event.ts";
import { requestOf } from "./waiting.ts";

type Inputs = NonNullable<Finished["inputs"]>;

/** Stores how a run has ended, then tells the members. */
export interface Settling {
  /** The turn has ended. Does nothing if the claim is void. */
  finish(claim: Claim, finished: Finished, outcome: Outcome): Promise<void>;
  /** The turn waits. If it was stopped meanwhile, it is stopped. */
  wait(held: Held, wait: Wait): Promise<void>;
  /** Queues an unfinished turn again, so that it does not count as a crash. Does nothing if the claim is void. */
  release(claim: Claim): Promise<void>;
}

/** `remembered` is called with what the model remembers after a turn. */
export function settling(
  { services, memory }: TurnSettings,
  retry: ReturnType<typeof storeRetries>,
  remembered: (turn: Turn, inputs: Inputs) => void,
): Settling {
  const { store, bus, live, metrics, log } = services;
  const endWaiting = waitEnder(services);

  async function finish(claim: Claim, { inputs, reasoning, produced }: Finished, outcome: Outcome): Promise<void> {
    const { turn } = claim;
    const isSent = live.isWatched(turn.conversationId);
    const ending = { outcome, reasoning, memory: inputs && memoryRefsOf(inputs.remembered), produced, isSent };
    const isValid = await retry("end a turn", () => store.turns.finish(claim, ending));
    if (!isValid)
      return bus.publish(turn.conversationId, { type: "abandoned", turnId: turn.id, attempt: turn.attempt });
    const { request, attachments } = turn;
    const said = { query: request.query, attachments, response: outcome.response };
    const exchanged = { ...said, produced: produced?.messages };
    const now = inputs && memory.add(claim, inputs.remembered, exchanged);
    bus.publish(turn.conversationId, {
      type: "ended",
      turnId: turn.id,
      terminal: terminalEvent(turn, outcome),
      isSent,
    });
    metrics.turn(outcome);
    log.info({ turn_id: turn.id, conversation_id: turn.conversationId, ...summary(outcome) }, "turn ended");
    if (inputs && now) remembered(turn, { ...inputs, remembered: now });
  }

  async function wait({ claim, lease, controller }: Held, wait: Wait): Promise<void> {
    const { id: turnId, conversationId, attempt } = claim.turn;
    const isValid = await retry("let a turn wait", () => store.waits.begin(claim, wait));
    if (!isValid) return bus.publish(conversationId, { type: "abandoned", turnId, attempt });
    const { reason } = controller.signal;
    const isStopped = reason instanceof TurnEnd && reason.kind === "stopped";
    if (isStopped && (await retry("stop a turn", () => endWaiting({ turn: claim.turn, wait })))) return;
    if (live.running(conversationId)?.id !== turnId) return; // it was stopped while this was written
    if (lease.isOver && (await retry("read a wait", () => store.waits.of(turnId)))?.count !== wait.count) return;
    const requests = wait.questions.map(requestOf);
    bus.publish(conversationId, { type: "requested", turnId, requests });
    log.info({ turn_id: turnId, conversation_id: conversationId, requests: requests.length }, "turn waits");
  }

  return {
    finish,
    wait,
    release: (claim) => retry("release a claim", () => store.turns.release(claim)),
  };
}

function summary({ status, conversationType, metadata }: Outcome) {
  return { status, engine: conversationType, duration_ms: metadata.processing_time, usage: metadata.usage };
}
