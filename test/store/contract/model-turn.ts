import type { TurnStatus } from "../../../src/store/turns.ts";

/** A turn as the model has it. */
export interface ModelTurn {
  id: string;
  at: number;
  /** The how-manieth session of its conversation. */
  session: number;
  clientId?: string;
  status: TurnStatus;
  attempt: number;
  released: number;
  isSuperseded: boolean;
  response?: string;
  /** Its place in the order of ends. */
  ended?: number;
  /** Which turn was running when this one ended while it waited, and how much that had shown. */
  beside?: { turn: ModelTurn; units: number };
  delivery: 0 | 1 | 2;
  steps: Map<string, string>;
}

export interface ModelAsked {
  clientId?: string;
  maxAhead: number;
  mayClaim: boolean;
  replaces?: ModelTurn;
}

export interface ModelConversation {
  session: number;
  /** Who may run a turn now: the turn, and which claim it is. Undefined when nobody does. */
  held?: { claim: number; until: number };
  summaries: Map<number, { text: string; covered: ModelTurn[] }>;
}
