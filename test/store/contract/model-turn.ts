import type { Outcome, TurnStatus } from "../../../src/store/turns.ts";

/** A turn of the model. */
export interface ModelTurn {
  id: string;
  at: number;
  /** Number of its session within the conversation. */
  session: number;
  clientId?: string;
  status: TurnStatus;
  attempt: number;
  released: number;
  isSuperseded: boolean;
  response?: string;
  reasoning?: string;
  /** Its position in the order of ending. */
  ended?: number;
  /** Set if it was stopped while queued: the turn that was running, and the length of that turn's answer. */
  beside?: { turn: ModelTurn; units: number };
  delivery: 0 | 1 | 2;
  steps: Map<string, string>;
  isStopRequested?: true;
  /** Set once it has waited, until it ends: the questions without an answer. */
  open?: Set<number>;
}

export interface ModelAsked {
  clientId?: string;
  maxAhead: number;
  mayClaim: boolean;
  replaces?: ModelTurn;
}

export interface ModelEnding {
  status: Outcome["status"];
  response: string;
  reasoning?: string;
  isSent: boolean;
}

export interface ModelConversation {
  session: number;
  /** The valid claim, if any: its turn and its number. */
  held?: { claim: number; until: number };
  summaries: Map<number, { text: string; covered: ModelTurn[] }>;
}
