import { exchangesToCondense } from "../../graphs/memory.ts";
import type { Turn } from "../store/turns.ts";
import { ledger } from "./ledger.ts";
import type { Finished, TurnSettings } from "./run-turn.ts";
import { silentHost } from "./silent-host.ts";

/** Summaries written at the same time. A session over this limit is tried again after its next turn. */
const maxConcurrent = 32;

export interface Summaries {
  /** Summarizes the oldest turns of a session in the background if its memory is too long, or longer than what a model had `room` for. */
  condenseIfLong(turn: Turn, inputs: NonNullable<Finished["inputs"]>): void;
  abort(): void;
}

export function summaries({ brain, services, memory, turnTimeoutMs }: TurnSettings): Summaries {
  const { store, metrics, failures } = services;
  const running = new Set<string>();
  const aborted = new AbortController();

  async function condense(
    { sessionId }: Turn,
    { context, remembered, room }: NonNullable<Finished["inputs"]>,
  ): Promise<void> {
    let left = exchangesToCondense(remembered.exchanges, room());
    let { summary, upTo } = remembered;
    if (left.length === 0) return;
    const signal = AbortSignal.any([aborted.signal, AbortSignal.timeout(turnTimeoutMs)]);
    const account = ledger();
    const host = {
      ...silentHost(services, context.host.prompts, account),
      spent: (spending: Parameters<typeof account.spent>[0]) => metrics.spent("summary", spending),
    };
    while (left.length > 0) {
      const { text, last } = await brain().condense({ ...context, host }, left, summary, signal);
      const covered = left.filter(({ seq }) => seq <= last.seq);
      const from = { upTo, turnIds: covered.map(({ turnId }) => turnId) };
      const isKept = await store.conversations.keepSummary({ sessionId, text, upTo: last.seq, from });
      if (!isKept) return memory.forget(sessionId);
      memory.setSummary(sessionId, { summary: text, upTo: last.seq });
      left = left.slice(covered.length);
      summary = text;
      upTo = last.seq;
    }
  }

  return {
    condenseIfLong(turn, inputs) {
      const { sessionId } = turn;
      if (running.has(sessionId) || running.size >= maxConcurrent) return;
      running.add(sessionId);
      condense(turn, inputs)
        .catch((error: unknown) => {
          if (!aborted.signal.aborted) failures.summary(sessionId, error);
        })
        .finally(() => running.delete(sessionId));
    },
    abort: () => aborted.abort(),
  };
}
