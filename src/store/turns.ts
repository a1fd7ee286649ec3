import type { FileFacts } from "../../graphs/files.ts";
import type { JsonObject, Sampling } from "../../graphs/host.ts";
import type { End } from "./deliveries.ts";

export type TurnStatus = "queued" | "running" | "waiting" | "completed" | "stopped" | "failed";

/** The input of a turn, stored so that the turn can run again after a crash. */
export interface TurnRequest {
  query: string;
  context: JsonObject;
  options: JsonObject;
  preferences: JsonObject;
  /** `llm_config`, then the preferences' sampling. */
  sampling: Sampling[];
  engine?: string;
  /** The client's span that the message was sent in, as in W3C Trace Context. */
  traceparent?: string;
}

export interface NewTurn {
  id: string;
  conversationId: string;
  /** The session that it was created for. */
  sessionId: string;
  userId: string;
  /** The client's message id, unique within the conversation. */
  clientId?: string;
  /** Id of the turn that this one replaces. */
  replaces?: string;
  /** The files that came with the message. Undefined if there are none. */
  attachments?: readonly FileFacts[];
  request: TurnRequest;
}

export interface Turn extends NewTurn {
  /** Position in the order of acceptance, across all conversations. */
  seq: number;
  status: TurnStatus;
  /** How many times it was claimed. */
  attempt: number;
  /** Attempts that crashed. Meaningless once the turn has ended. */
  crashes: number;
  /** ISO 8601. */
  acceptedAt: string;
  /** It has left the history, because it or an earlier turn was replaced. */
  isSuperseded: boolean;
  outcome?: Outcome;
  /** Its terminal event was sent to a client before. */
  wasSent: boolean;
  /** Somebody wants it stopped. Its runner has to stop it, also one that claims it later. */
  isStopRequested?: true;
}

/** How a turn ended. If it failed, `metadata.error` says why. */
export interface Outcome {
  status: "completed" | "stopped" | "failed";
  response: string;
  conversationType: string | null;
  routedTo: string | null;
  metadata: JsonObject;
  /** From the start of the turn to the first word of its answer. */
  firstWordMs?: number;
  timestamp: string;
}

/** What the model remembered when a turn started: the `seq` of the turns, oldest first, and the summary of the turns before them. */
export interface MemoryRefs {
  turns: readonly number[];
  summary: string;
}

/** What is written when a turn ends. */
export interface Ending {
  outcome: Outcome;
  /** What the model told about its thinking. */
  reasoning?: string;
  memory?: MemoryRefs;
  produced?: Produced;
  /** A client is connected, and will be sent the terminal event. */
  isSent: boolean;
}

/** What a turn of a stock graph leaves to later turns, as JSON. */
export interface Produced {
  /** The new messages, tool calls and results too. Undefined if there are none, or too many to keep. */
  messages?: string;
  /** What else the graph wants kept. */
  kept?: string;
}

/** The right to run one turn. Void once the turn has ended, was released, or the conversation's epoch has advanced. */
export interface Claim {
  turn: Turn;
  epoch: number;
  /** In a shared store: the end before. Undefined if there is none in the session. */
  lastEnd?: End | undefined;
}

/** The result of accepting a message. `position` counts the unfinished turns ahead of it in its conversation. */
export type Accepted =
  | { type: "accepted"; turn: Turn; position: number; claim?: Claim }
  | { type: "duplicate"; turn: Turn; position: number }
  /** `maxAhead` was exceeded: nothing was written. */
  | { type: "busy" }
  /** The turn to replace has left the history: nothing was written. */
  | { type: "gone" }
  /** An attachment is not the user's, or is no longer kept: nothing was written. */
  | { type: "file_gone" }
  /** The turn's session has ended: nothing was written. */
  | { type: "session_ended" };

/** Conditions for accepting a turn. */
export interface Admission {
  /** How many unfinished turns may be ahead of it. */
  maxAhead: number;
  /** Claim it at once if none is ahead of it. */
  mayClaim: boolean;
}

/** What has become of claims that were renewed. */
export interface Renewed {
  /** These are not valid any more. */
  void: Claim[];
  /** These are valid, and their turns are to be stopped. */
  stopped: Claim[];
}

/** A conversation with unfinished turns; `seq` and `userId` are those of the oldest. */
export interface Unfinished {
  conversationId: string;
  userId: string;
  seq: number;
}

/**
 * Unfinished turns. `accept` and `claim` resolve once the write is on disk. Other writes survive a crash of the process when they resolve, and
 * a power failure a moment later. A claim is valid for `leaseMs` and has to be renewed; after that, another runner may claim the turn.
 */
export interface TurnStore {
  /** Stores the turn, and that the conversation uses its files. The turn that it replaces, and all later ones, leave the history. */
  accept(turn: NewTurn, admission: Admission): Promise<Accepted>;
  /** Claims the oldest unfinished turn; undefined if there is none, if it waits for a person, or if another claim is still valid. */
  claim(conversationId: string): Promise<Claim | undefined>;
  /** Extends the claims that are valid. */
  renew(claims: readonly Claim[]): Promise<Renewed>;
  /** Lets the runner of a turn know, at its next `renew`, that it is to be stopped. Returns false if the turn is not running. */
  requestStop(turnId: string): Promise<boolean>;
  /** Queues a claimed turn again. The attempt does not count as a crash. */
  release(claim: Claim): Promise<void>;
  /** Ends a claimed turn. Returns false and writes nothing if the claim is void. */
  finish(claim: Claim, ending: Ending): Promise<boolean>;
  /**
   * Ends a queued turn; false if the turn is not queued. `offset` returns the length of the running turn's answer in UTF-16 units. It is called
   * when the write runs, because a client that has read more of that answer counts as having seen this turn's end.
   */
  endQueued(turnId: string, ending: Pick<Ending, "outcome" | "isSent">, offset: () => number): Promise<boolean>;
  /** Results of the turn's finished steps by name, as JSON. */
  steps(turnId: string): Promise<ReadonlyMap<string, string>>;
  /** Stores a step's result (JSON); does nothing if the claim is void. */
  keepStep(claim: Claim, name: string, result: string): Promise<void>;
  /** A conversation's unfinished turns, in the order accepted. */
  open(conversationId: string): Promise<Turn[]>;
  /**
   * Conversations that somebody has to run, ordered by their oldest unfinished turn: at most `limit`. That turn does not wait for a person, no
   * valid claim holds it, and it was claimed before or is older than `leaseMs`: a new turn is left to the process that accepted it.
   */
  unclaimed(limit: number): Promise<Unfinished[]>;
}

/** How long a claim is valid without being renewed. */
export const leaseMs = 3_000;
