import type { JsonObject, Sampling } from "../../graphs/host.ts";

export type TurnStatus = "queued" | "running" | "completed" | "stopped" | "failed";

/** What a turn was asked to do, kept so that it can be taken up again. */
export interface TurnRequest {
  query: string;
  context: JsonObject;
  options: JsonObject;
  preferences: JsonObject;
  /** `llm_config`, then the preferences' sampling. */
  sampling: Sampling[];
  engine?: string;
}

export interface NewTurn {
  id: string;
  conversationId: string;
  /** The session that it was made for. */
  sessionId: string;
  userId: string;
  /** The client's own message id, unique in the conversation. */
  clientId?: string;
  /** The turn that this one answers again. */
  replaces?: string;
  request: TurnRequest;
}

export interface Turn extends NewTurn {
  /** Its place in the order of acceptance, over all conversations. */
  seq: number;
  status: TurnStatus;
  /** How many times it has been claimed. */
  attempt: number;
  /** Attempts that crashed, of a turn that has not ended. */
  crashes: number;
  acceptedAt: string;
  /** It has left the history: another turn stands in its place, or in that of one before it. */
  isSuperseded: boolean;
  outcome?: Outcome;
  /** Its terminal event was sent to somebody before. */
  wasSent: boolean;
}

/** How a turn ended; `metadata.error` says why, where it failed. */
export interface Outcome {
  status: "completed" | "stopped" | "failed";
  response: string;
  conversationType: string | null;
  routedTo: string | null;
  metadata: JsonObject;
  timestamp: string;
}

/** What the model remembered when a turn was asked: the `seq` of the turns, oldest first, and the summary of those before them. */
export interface Beginning {
  turns: readonly number[];
  summary: string;
}

/** What is written when a turn ends. */
export interface Ending {
  outcome: Outcome;
  beginning?: Beginning;
  /** Somebody watches, who is sent the terminal event. */
  isSent: boolean;
}

/** The right to run one turn; void once the turn has ended or was given back, and as soon as the conversation's epoch has moved on. */
export interface Claim {
  turn: Turn;
  epoch: number;
}

/** What became of a message. `position` counts the turns ahead of it in its conversation. */
export type Accepted =
  | { type: "accepted"; turn: Turn; position: number; claim?: Claim }
  | { type: "duplicate"; turn: Turn; position: number }
  | { type: "busy" }
  /** The turn that is to be replaced has left the history. */
  | { type: "gone" }
  /** Another session has begun meanwhile: nothing was written. */
  | { type: "moved" };

/** What a new turn meets: `room` for how many waiting ones, and whether it may be claimed at once where nothing is ahead of it. */
export interface Admission {
  room: number;
  mayClaim: boolean;
}

/** A conversation with turns that have not ended; `seq` is the oldest of them. */
export interface Unfinished {
  conversationId: string;
  userId: string;
  seq: number;
}

/**
 * Turns on their way. What was accepted or claimed is on disk when its promise resolves; the rest survives the end of the process at once, and that of
 * the machine a moment later. A claim holds for `leaseMs` and is renewed: whoever finds it over may take the turn up.
 */
export interface TurnStore {
  /** Writes the turn down. The turn it replaces, and those after it, leave the history. */
  accept(turn: NewTurn, admission: Admission): Promise<Accepted>;
  /** Claims the next turn that has not ended; undefined when there is none, or somebody else's claim still holds. */
  claim(conversationId: string): Promise<Claim | undefined>;
  /** Extends the claims; resolves to those that are void. */
  renew(claims: readonly Claim[]): Promise<Claim[]>;
  /** Gives a claimed turn back; that is no crash. */
  release(claim: Claim): Promise<void>;
  /** False when the claim is void: nothing was written then. */
  finish(claim: Claim, ending: Ending): Promise<boolean>;
  /** Ends a turn that waits, when the running one had shown so many UTF-16 units (`beside`); false when it does not wait any more. */
  endQueued(turnId: string, ending: Pick<Ending, "outcome" | "isSent">, beside: number): Promise<boolean>;
  /** Results of the turn's finished steps by name, as JSON text. */
  steps(turnId: string): Promise<ReadonlyMap<string, string>>;
  keepStep(claim: Claim, name: string, result: string): Promise<void>;
  /** The turns of a conversation that have not ended, in the order accepted. */
  open(conversationId: string): Promise<Turn[]>;
  /** Conversations with turns that have not ended, by their oldest such turn: a page of those after `seq`. */
  unfinished(after: number, limit: number): Promise<Unfinished[]>;
}

/** A claim that is not renewed for so long is over. */
export const leaseMs = 3_000;
