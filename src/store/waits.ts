import type { JsonObject } from "../../graphs/host.ts";
import type { Claim, Ending, MemoryRefs, Produced, Turn } from "./turns.ts";

/** A question to a person. */
export interface Question {
  /** Unique within the turn. */
  interruptId: string;
  /** The id that the graph gave it. A graph uses an id again if a node asks twice. */
  graphId: string;
  value: unknown;
  /** Undefined while the question is open. */
  answer?: { value: unknown };
}

/** A text so far, and how often an earlier one was discarded. */
export interface Said {
  text: string;
  restarts: number;
}

/** What a turn needs in order to go on after it has waited. */
export interface Wait {
  questions: readonly Question[];
  /** How many times the turn has waited, this time included. */
  count: number;
  answer: Said;
  reasoning?: Said;
  /** The attempt that began to wait. */
  attempt: number;
  /** The payload of the latest `thinking` event. */
  stage: JsonObject;
  /** What the turn has spent and found so far. */
  account: JsonObject;
  /** The hashes of all prompts, by name. */
  prompts: Readonly<Record<string, string>>;
  memory?: MemoryRefs;
  /** What the turn leaves to later ones if it is stopped. */
  produced?: Produced;
}

export interface WaitingTurn {
  turn: Turn;
  wait: Wait;
}

/** `complete`: no question is open any more, and the turn is queued again. */
export type Answered = "partly" | "complete" | "unknown";

/** Turns that wait for a person. They hold no claim, and the turns behind them stay queued. */
export interface WaitStore {
  /** Makes a claimed turn wait. Resolves once it is on disk. Returns false and writes nothing if the claim is void. */
  begin(claim: Claim, wait: Wait): Promise<boolean>;
  /** The conversation's turn that waits, or that has all answers and does not run yet. */
  waiting(conversationId: string): Promise<WaitingTurn | undefined>;
  /** How many turns wait. */
  count(): Promise<number>;
  /** Since when a turn waits, in ms since 1970. */
  askedAt(turnId: string): Promise<number | undefined>;
  /** What an unfinished turn left when it last began to wait. */
  of(turnId: string): Promise<Wait | undefined>;
  /**
   * Stores answers by interrupt id; resolves once they are on disk. `unknown` if the turn does not wait, or if one of the questions is unknown
   * or has an answer: nothing was written.
   */
  answer(conversationId: string, turnId: string, answers: ReadonlyMap<string, unknown>): Promise<Answered>;
  /** Ends a turn that waits, or that has its answers and does not run yet. Never resolves before the `begin` that it follows. Returns false and writes nothing for any other turn. */
  end(turnId: string, ending: Ending): Promise<boolean>;
}
