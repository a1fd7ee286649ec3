import type { JsonObject, Sampling } from "../../graphs/host.ts";

export interface Conversation {
  id: string;
  /** The user who joined first. */
  owner: string;
  sessionId: string;
  context: JsonObject;
}

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
  /** The client's own message id, unique in the conversation. */
  clientId?: string;
  /** The turn that this one answers again. */
  replaces?: string;
  request: TurnRequest;
}

export interface Turn extends NewTurn {
  userId: string;
  status: TurnStatus;
  /** How often it was begun. */
  attempt: number;
  /** How often it was begun and neither ended nor given back. */
  crashes: number;
  acceptedAt: string;
  /** True once another turn stands in its place, or in that of one before it. */
  isSuperseded: boolean;
  outcome?: Outcome;
  /** True when its terminal event was sent to somebody before. */
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

/** A message that the model remembered: a turn's, or, where a graph made it otherwise, as it was. */
export type Remembered =
  | { turnId: string; part: "question" | "answer"; content: string }
  | { role: "user" | "assistant"; content: string };

/** What was remembered when a turn was asked. */
export interface Beginning {
  memory: Remembered[];
  summary: string;
}

/** Kept in the place of a step's result: how a turn ended that did not come to its end. */
export const decidedEnd = "turn ended";

/** A user's word on a turn. */
export interface Rating {
  /** From -1 to 1. */
  score: number;
  comment?: string;
  /** The engine that should have answered. */
  expected?: string;
}

/** The right to run one turn; void as soon as the conversation's epoch has moved on. */
export interface Claim {
  turn: Turn;
  epoch: number;
}

export type Accepted =
  | { type: "accepted"; turn: Turn; position: number }
  | { type: "duplicate"; turn: Turn; position: number }
  | { type: "busy" }
  /** The turn that is to be replaced has left the history. */
  | { type: "gone" }
  /** Another session has begun meanwhile: nothing was written. */
  | { type: "moved" };

/**
 * Conversations and their turns. What was accepted, kept of a step or ended is on disk when its promise resolves; a claim, a
 * delivery and a pruning need not be, for their loss only means doing it again.
 */
export interface Store {
  /** The conversation of this id, made now when it is new; undefined when it is somebody else's. */
  open(id: string, userId: string): Promise<Conversation | undefined>;
  conversation(id: string): Promise<Conversation | undefined>;
  /** Puts what `change` makes of the context in its place, and answers it; writes nothing when that throws. */
  changeContext(id: string, change: (context: JsonObject) => JsonObject): Promise<JsonObject>;
  /** A new session with no context; turns that had not ended are over, and their claims void. Answers their ids, and the session that is over. */
  reset(id: string): Promise<{ sessionId: string; formerSessionId: string; ended: string[] }>;
  /** Writes the turn down behind at most `room` others that have not ended. The turn it replaces, and those after it, leave the history. */
  accept(turn: NewTurn, room: number): Promise<Accepted>;
  /** How many turns that have not ended are ahead of this one. */
  ahead(turn: Turn): Promise<number>;
  /** The turn of this client's message id, if there is one. */
  byClientId(conversationId: string, clientId: string): Promise<Turn | undefined>;
  /** The next turn that has not ended, to be run now. */
  claim(conversationId: string): Promise<Claim | undefined>;
  /** False when the claim is void: nothing was written then. */
  finish(claim: Claim, outcome: Outcome, beginning?: Beginning): Promise<boolean>;
  /** Keeps texts of prompts that turns are asked with, by their hashes. */
  keepTexts(texts: readonly { hash: string; source: string }[]): Promise<void>;
  /** Gives a claimed turn back, to be claimed again at the next start. */
  release(claim: Claim): Promise<void>;
  /** Ends a turn that waits, `beside` so many UTF-16 units of the running one's answer; false when it does not wait any more. */
  endQueued(turnId: string, outcome: Outcome, beside: number): Promise<boolean>;
  /** What a step of this turn returned, as JSON text. */
  step(turnId: string, name: string): Promise<string | undefined>;
  keepStep(claim: Claim, name: string, result: string): Promise<void>;
  turn(conversationId: string, turnId: string): Promise<Turn | undefined>;
  /** Of the current session, oldest first; `before` leaves out that turn and those after it. Undefined: unknown `before`. */
  history(
    conversationId: string,
    limit: number,
    before?: string,
  ): Promise<{ turns: Turn[]; hasMore: boolean } | undefined>;
  /**
   * The ids of the turns of the current session that ended after this one did. With an offset, for a client that saw so much of this
   * turn's answer: with this turn itself, and with those that ended beside it, later in its answer. Undefined when the turn is unknown.
   */
  endedAfter(conversationId: string, turnId: string, offset?: number): Promise<string[] | undefined>;
  /** The ids of the turns of the current session whose terminal event is not known to have arrived. */
  undelivered(conversationId: string): Promise<string[]>;
  /** Raises what is known of a terminal event's way: sent to somebody, or acknowledged. */
  delivered(turnId: string, delivery: "sent" | "acknowledged"): Promise<void>;
  /** The turns that have not ended, in the order accepted. */
  openTurns(conversationId: string): Promise<Turn[]>;
  lastTurn(conversationId: string): Promise<Turn | undefined>;
  /** The turns before this one that have left the history, but perhaps not yet the thread: until they are called rewound. */
  superseded(turn: Turn): Promise<Turn[]>;
  rewound(turns: Turn[]): Promise<void>;
  /** Keeps a user's word on a turn; a later one takes its place. */
  rate(turnId: string, rating: Rating): Promise<void>;
  /** Conversations with turns that have not ended. */
  unfinished(): Promise<string[]>;
  /** Forgets all but the newest checkpoints of a thread. */
  prune(sessionId: string, keep: number): Promise<void>;
  /** Forgets a thread altogether. */
  forget(sessionId: string): Promise<void>;
  /** Rejects when nothing can be written. */
  ping(): Promise<void>;
  close(): void;
}
