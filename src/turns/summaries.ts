import type { TurnContext } from "../../graphs/host.ts";
import { oldest } from "../../graphs/memory.ts";
import type { Turn } from "../store/turns.ts";
import { ledger } from "./ledger.ts";
import type { TurnSettings } from "./run-turn.ts";
import type { Remembered } from "./session-memory.ts";
import { silentHost } from "./turn-host.ts";

/** So many summaries are made at the same time; a session that finds no room is condensed after its next turn. */
const mostAtOnce = 32;

export interface Summaries {
  /** Condenses what a session remembers, beside its next turns, when it has become too much. */
  consider(turn: Turn, context: TurnContext, remembered: Remembered): void;
  abort(): void;
}

export function summaries({ brain, services, memory, turnTimeoutMs }: TurnSettings): Summaries {
  const { store, metrics, log } = services;
  const underWay = new Set<string>();
  const ended = new AbortController();

  async function condense({ sessionId }: Turn, context: TurnContext, remembered: Remembered): Promise<void> {
    const old = oldest(remembered.exchanges);
    const last = old.at(-1);
    if (!last) return;
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(turnTimeoutMs)]);
    const account = ledger();
    const host = {
      ...silentHost(services, context.host.prompts, account),
      spent: (spending: Parameters<typeof account.spent>[0]) => metrics.spent("summary", spending),
    };
    const text = await brain().condense({ ...context, host }, old, remembered.summary, signal);
    const from = { upTo: remembered.upTo, turnIds: old.map(({ turnId }) => turnId) };
    const summary = { sessionId, text, upTo: last.seq, from };
    if (await store.conversations.keepSummary(summary)) memory.summarised(sessionId, { summary: text, upTo: last.seq });
    else memory.forget(sessionId);
  }

  return {
    consider(turn, context, remembered) {
      const { sessionId } = turn;
      if (underWay.has(sessionId) || underWay.size >= mostAtOnce) return;
      underWay.add(sessionId);
      condense(turn, context, remembered)
        .catch((error: unknown) => {
          if (!ended.signal.aborted) log.warn({ session_id: sessionId, err: error }, "the memory was not condensed");
        })
        .finally(() => underWay.delete(sessionId));
    },
    abort: () => ended.abort(),
  };
}
