import type { End } from "../store/deliveries.ts";
import type { Command, LiveEvent } from "../turns/bus.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import type { Known, Mark } from "../turns/missed.ts";
import type { Counters } from "./counters.ts";

/** What a node reads in the store to find out what it has missed. */
export interface Past {
  mark(conversationId: string): Promise<Mark | undefined>;
  /** The ends after this position. */
  ends(conversationId: string, position: number): Promise<End[]>;
  since(conversationId: string, mark: Mark, known: Known): AsyncGenerator<LiveEvent, Mark>;
}

/** What the conversations of a node share. */
export interface Office {
  readonly nodeId: string;
  readonly counters: Counters;
  readonly past: Past;
  nextNumber(): number;
  isUp(): boolean;
  /** Resolves with the number of receivers. Rejects if Redis did not take it. */
  publish(conversationId: string, message: string): Promise<number>;
  /** Tells the listeners of this node. */
  tell(conversationId: string, event: LiveEvent): void;
  obey(command: Command): void;
  /** The turn that this node shows. */
  running(conversationId: string): LiveTurn | undefined;
  /** Runs the job when not too many others run. */
  queued(job: () => Promise<void>): Promise<void>;
}
