import { LRUCache } from "lru-cache";

import type { Memory } from "../../graphs/host.ts";
import { type Exchange, exchange, latest, maxAnswerUnits, maxWindow, maxWindowUnits } from "../../graphs/memory.ts";
import type { HistoryStore, RememberedTurn } from "../store/history.ts";
import type { Claim, MemoryRefs } from "../store/turns.ts";

const maxCachedSessions = 1_000;

/** Of all cached sessions together. */
const maxCachedTokens = 4_000_000;

/** What the model remembers of a session. */
export interface Remembered {
  summary: string;
  /** `seq` of the last turn that the summary covers. */
  upTo: number;
  exchanges: readonly Exchange[];
}

interface Entry extends Remembered {
  /** The conversation's epoch when this was complete. */
  epoch: number;
}

export interface SessionMemory {
  /** The memory before the claimed turn. */
  load(claim: Claim): Promise<Remembered>;
  /** Adds an ended turn to the memory before it. Returns and caches the result. */
  add(claim: Claim, before: Remembered, turn: Omit<RememberedTurn, "id" | "seq">): Remembered;
  /** Replaces the turns up to `upTo` by their summary. */
  setSummary(sessionId: string, summary: Pick<Remembered, "summary" | "upTo">): void;
  /** Drops the cached memory: the next turn reads the rows. */
  forget(sessionId: string): void;
}

/**
 * Reads the rows once and then keeps the memory in a cache. Every claim and every replaced turn advances the conversation's epoch, so a cached
 * entry is valid only if the claim has the next epoch.
 */
export function sessionMemory(history: Pick<HistoryStore, "memory">): SessionMemory {
  const cache = new LRUCache<string, Entry>({
    max: maxCachedSessions,
    maxSize: maxCachedTokens,
    sizeCalculation: ({ exchanges, summary }) =>
      1 + summary.length + exchanges.reduce((sum, { tokens }) => sum + tokens, 0),
  });

  return {
    async load({ turn, epoch }) {
      const known = cache.get(turn.sessionId);
      if (known?.epoch === epoch - 1) return known;
      const bounds = { turns: maxWindow.turns, units: maxWindowUnits, answerUnits: maxAnswerUnits };
      const { summary, upTo, turns } = await history.memory(turn.sessionId, turn.seq, bounds);
      const exchanges = latest(
        turns.flatMap((row) => remembered(row) ?? []),
        maxWindow,
      );
      return { summary, upTo, exchanges };
    },
    add({ turn, epoch }, before, ended) {
      const known = cache.get(turn.sessionId); // may have got a summary while the turn ran
      const { summary, upTo, exchanges } = known?.epoch === epoch - 1 ? known : before;
      const newest = remembered({ id: turn.id, seq: turn.seq, ...ended });
      const all = newest ? latest([...exchanges, newest], maxWindow) : exchanges;
      const entry = { summary, upTo, exchanges: all, epoch };
      cache.set(turn.sessionId, entry);
      return entry;
    },
    setSummary(sessionId, { summary, upTo }) {
      const known = cache.get(sessionId);
      if (!known) return;
      cache.set(sessionId, { ...known, summary, upTo, exchanges: known.exchanges.filter(({ seq }) => seq > upTo) });
    },
    forget(sessionId) {
      cache.delete(sessionId);
    },
  };
}

function remembered({ produced, ...turn }: RememberedTurn): Exchange | undefined {
  return exchange({ ...turn, ...(produced !== undefined && { produced: JSON.parse(produced) }) });
}

export function memoryOf({ summary, exchanges }: Remembered): Memory {
  return { summary, messages: exchanges.flatMap(({ messages }) => [...messages]), exchanges };
}

export function memoryRefsOf({ summary, exchanges }: Remembered): MemoryRefs {
  return { summary, turns: exchanges.map(({ seq }) => seq) };
}
