import type { TurnContext } from "../../graphs/host.ts";
import { exchangesToCondense } from "../../graphs/memory.ts";
import type { Turn } from "../store/turns.ts";
import { ledger } from "./ledger.ts";
import type { TurnSettings } from "./run-turn.ts";
import type { Remembered } from "./session-memory.ts";
import { silentHost } from "./turn-host.ts";

/** Summaries written at the same time. A session over this limit is tried again after its next turn. */
const maxConcurrent = 32;

export interface Summaries {
  /** Summarizes the oldest turns of a session in the background if its memory is too long. */
  condenseIfLong(turn: Turn, context: TurnContext, remembered: Remembered): void;
  abort(): void;
}

export function summaries({ brain, services, memory, turnTimeoutMs }: TurnSettings): Summaries {
  const { store, metrics, log } = services;
  const running = new Set<string>();
  const aborted = new AbortController();

  async function condense({ sessionId }: Turn, context: TurnContext, remembered: Remembered): Promise<void> {
    const old = exchangesToCondense(remembered.exchanges);
    const last = old.at(-1);
    if (!last) return;
    const signal = AbortSignal.any([aborted.signal, AbortSignal.timeout(turnTimeoutMs)]);
    const account = ledger();
    const host = {
      ...silentHost(services, context.host.prompts, account),
      spent: (spending: Parameters<typeof account.spent>[0]) => metrics.spent("summary", spending),
    };
    const text = await brain().condense({ ...context, host }, old, remembered.summary, signal);
    const from = { upTo: remembered.upTo, turnIds: old.map(({ turnId }) => turnId) };
    const summary = { sessionId, text, upTo: last.seq, from };
    if (await store.conversations.keepSummary(summary)) memory.setSummary(sessionId, { summary: text, upTo: last.seq });
    else memory.forget(sessionId);
  }

  return {
    condenseIfLong(turn, context, remembered) {
      const { sessionId } = turn;
      if (running.has(sessionId) || running.size >= maxConcurrent) return;
      running.add(sessionId);
      condense(turn, context, remembered)
        .catch((error: unknown) => {
          if (!aborted.signal.aborted) log.warn({ session_id: sessionId, err: error }, "the summary failed");
        })
        .finally(() => running.delete(sessionId));
    },
    abort: () => aborted.abort(),
  };
}
