import type { Sampling } from "../../graphs/host.ts";
import { ChannelError } from "../errors.ts";
import type { Conversation } from "../store/conversations.ts";
import type { Store } from "../store/store.ts";
import type { Accepted, Turn } from "../store/turns.ts";
import type { Bus } from "./bus.ts";
import type { Live } from "./live.ts";
import { mailbox } from "./mailbox.ts";
import type { Runner } from "./runner.ts";
import { stopping } from "./stopping.ts";
import { type Submission, turnOf } from "./submission.ts";

/** This many turns may wait behind the running one. */
const room = 5;

/** So often a turn that replaces others tries, where new ones keep coming in between. */
const mostAttempts = 5;

export interface Acceptance {
  turnId: string;
  duplicate: boolean;
  /** Turns ahead of it in its conversation. */
  position: number;
  replaces?: string;
  /** Tells the members, and lets the turn begin: to be called once the reply is out. */
  proceed: () => void;
}

export interface Reset {
  sessionId: string;
  /** Tells the members: to be called once the reply is out. */
  proceed: () => void;
}

/** What is different when a turn is answered again. */
export interface Change {
  query?: string;
  /** Comes before the sampling that the turn had. */
  sampling?: Sampling;
}

interface Parts {
  store: Store;
  bus: Bus;
  live: Live;
  runner: Runner;
}

export interface Turns {
  /** The turn that this client's message id was accepted as before. */
  known(conversationId: string, clientId: string): Promise<Acceptance | undefined>;
  /** Writes a message down as a turn. Refuses with `busy` when there is no room. */
  accept(conversation: Conversation, submission: Submission): Promise<Acceptance>;
  /** Answers a turn again, with what is `changed`. Refuses with `not_found` when there is no such turn in the history. */
  replace(conversation: Conversation, turnId: string | undefined, changed: Change): Promise<Acceptance>;
  /** Ends one turn, running or waiting; false when it is over or unknown. */
  stop(conversationId: string, turnId: string): Promise<boolean>;
  /** Begins a new session; the turns of the old one end without a word. */
  reset(conversationId: string): Promise<Reset>;
}

/** What became of a message that belongs to the current session. */
type Settled = Exclude<Accepted, { type: "session_ended" }>;

export function turns({ store, bus, live, runner }: Parts): Turns {
  const inOrder = mailbox();
  const { stop, stopAll } = stopping({ store, bus, live });

  async function known(conversationId: string, clientId: string): Promise<Acceptance | undefined> {
    const found = await store.history.byClientId(conversationId, clientId);
    return found && { turnId: found.turn.id, duplicate: true, position: found.position, proceed() {} };
  }

  function acceptanceOf(accepted: Settled): Acceptance {
    if (accepted.type === "gone") throw noSuchTurn();
    if (accepted.type === "busy")
      throw new ChannelError("busy", "Another turn of this conversation has not ended yet.");
    const { type, turn, position } = accepted;
    const { id: turnId, replaces } = turn;
    const acceptance = { turnId, position, replaces, duplicate: type === "duplicate" };
    if (type === "duplicate") return { ...acceptance, proceed() {} };
    const start = accepted.claim && runner.admit(accepted.claim);
    return { ...acceptance, proceed: () => proceed(turn, start) };
  }

  /**
   * What replaces others waits for none: those that were accepted while the others were stopped are stopped as well. A message that
   * crosses the beginning of a new session belongs to that, and an old turn cannot be replaced in it.
   */
  async function written(conversation: Conversation, submission: Submission): Promise<Settled> {
    const { whenBusy, replaces } = submission;
    let current = conversation;
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const accepted = await withSlot(turnOf(current, submission), whenBusy === "queue" ? room : 0);
      if (accepted.type === "busy" && whenBusy === "replace") await stopAll(current.id);
      else if (accepted.type !== "session_ended") return accepted;
      else if (replaces !== undefined) return { type: "gone" };
      else current = (await store.conversations.conversation(current.id)) ?? current;
    }
    return { type: "busy" };
  }

  /** Where there is a slot and nothing ahead of it, the turn is claimed as it is accepted. */
  async function withSlot(turn: ReturnType<typeof turnOf>, maxAhead: number): Promise<Accepted> {
    const mayClaim = runner.takeSlot(turn.userId);
    let isTaken = false;
    try {
      const accepted = await store.turns.accept(turn, { maxAhead, mayClaim });
      isTaken = accepted.type === "accepted" && accepted.claim !== undefined;
      return accepted;
    } finally {
      if (mayClaim && !isTaken) runner.giveSlot(turn.userId);
    }
  }

  async function replace(
    conversation: Conversation,
    turnId: string | undefined,
    { query, sampling }: Change,
  ): Promise<Acceptance> {
    const found = await (turnId === undefined
      ? store.history.last(conversation.id)
      : store.history.turn(conversation.id, turnId));
    if (found?.sessionId !== conversation.sessionId || found.isSuperseded) throw noSuchTurn();
    const { request } = found;
    const accepted = await written(conversation, {
      ...request,
      query: query ?? request.query,
      sampling: sampling ? [sampling, ...request.sampling] : request.sampling,
      whenBusy: "replace",
      replaces: found.id,
    });
    // Another device was faster, and its turn is the last one.
    if (accepted.type === "gone" && turnId === undefined)
      return await replace(conversation, turnId, { query, sampling });
    return acceptanceOf(accepted);
  }

  function proceed({ id: turnId, conversationId, userId, request }: Turn, start: (() => void) | undefined): void {
    const stage = { stage: start ? "accepted" : "queued", query: request.query };
    bus.publish(conversationId, { type: "stage", turnId, stage });
    if (start) start();
    else bus.order({ type: "wake", conversationId, userId });
  }

  async function reset(conversationId: string): Promise<Reset> {
    const { sessionId, ended: turnIds } = await store.conversations.reset(conversationId);
    bus.order({ type: "stop", turnIds, reason: "reset" });
    const payload = { session_id: sessionId, timestamp: new Date().toISOString() };
    return {
      sessionId,
      proceed: () => bus.publish(conversationId, { type: "reset", turnIds, payload }),
    };
  }

  return {
    known: (conversationId, clientId) => inOrder(conversationId, () => known(conversationId, clientId)),
    accept: (conversation, submission) =>
      inOrder(conversation.id, async () => acceptanceOf(await written(conversation, submission))),
    replace: (conversation, turnId, changed) => inOrder(conversation.id, () => replace(conversation, turnId, changed)),
    stop: (conversationId, turnId) => inOrder(conversationId, () => stop(conversationId, turnId)),
    reset: (conversationId) => inOrder(conversationId, () => reset(conversationId)),
  };
}

const noSuchTurn = () => new ChannelError("not_found", "There is no such turn in this session.");
