import { LRUCache } from "lru-cache";

import type { Memory } from "../../graphs/host.ts";
import { type Exchange, exchange, latest, longestAnswer, most, mostUnits } from "../../graphs/memory.ts";
import type { HistoryStore, RememberedTurn } from "../store/history.ts";
import type { Claim, MemoryRefs } from "../store/turns.ts";

/** Sessions whose memory is kept at hand, */
const mostSessions = 1_000;

/** and how large all of them may be, in tokens. */
const mostTokens = 4_000_000;

/** What a session's model remembers, made from its turns. */
export interface Remembered {
  summary: string;
  /** `seq` of the last turn that the summary covers. */
  upTo: number;
  exchanges: readonly Exchange[];
}

interface Entry extends Remembered {
  /** The conversation's epoch when this was all there was. */
  epoch: number;
}

export interface SessionMemory {
  /** What is remembered before the claimed turn. */
  before(claim: Claim): Promise<Remembered>;
  /** Adds a turn that ended to what was remembered before it. */
  add(claim: Claim, remembered: Remembered, turn: Omit<RememberedTurn, "id" | "seq">): Remembered;
  /** A summary has taken the place of the turns up to its own. */
  summarised(sessionId: string, summary: Pick<Remembered, "summary" | "upTo">): void;
  /** The next turn reads the rows. */
  forget(sessionId: string): void;
}

/**
 * Reads the rows once and goes on from there. Every claim moves the conversation's epoch on, and so does a turn that leaves the history: what is
 * at hand counts only when the epoch is the very next one.
 */
export function sessionMemory(history: Pick<HistoryStore, "memory">): SessionMemory {
  const atHand = new LRUCache<string, Entry>({
    max: mostSessions,
    maxSize: mostTokens,
    sizeCalculation: ({ exchanges, summary }) =>
      1 + summary.length + exchanges.reduce((sum, { tokens }) => sum + tokens, 0),
  });

  return {
    async before({ turn, epoch }) {
      const known = atHand.get(turn.sessionId);
      if (known?.epoch === epoch - 1) return known;
      const bounds = { turns: most.turns, units: mostUnits, answerUnits: longestAnswer };
      const { summary, upTo, turns } = await history.memory(turn.sessionId, turn.seq, bounds);
      const exchanges = latest(
        turns.flatMap((row) => exchange(row) ?? []),
        most,
      );
      return { summary, upTo, exchanges };
    },
    add({ turn, epoch }, remembered, ended) {
      const known = atHand.get(turn.sessionId); // a summary may have been made beside the turn
      const { summary, upTo, exchanges } = known?.epoch === epoch - 1 ? known : remembered;
      const newest = exchange({ id: turn.id, seq: turn.seq, ...ended });
      const all = newest ? latest([...exchanges, newest], most) : exchanges;
      const entry = { summary, upTo, exchanges: all, epoch };
      atHand.set(turn.sessionId, entry);
      return entry;
    },
    summarised(sessionId, { summary, upTo }) {
      const known = atHand.get(sessionId);
      if (!known) return;
      atHand.set(sessionId, { ...known, summary, upTo, exchanges: known.exchanges.filter(({ seq }) => seq > upTo) });
    },
    forget(sessionId) {
      atHand.delete(sessionId);
    },
  };
}

export function memoryOf({ summary, exchanges }: Remembered): Memory {
  return { summary, messages: exchanges.flatMap(({ messages }) => [...messages]) };
}

export function memoryRefsOf({ summary, exchanges }: Remembered): MemoryRefs {
  return { summary, turns: exchanges.map(({ seq }) => seq) };
}
