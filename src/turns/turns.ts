import type { Sampling } from "../../graphs/host.ts";
import { ChannelError } from "../errors.ts";
import type { Conversation } from "../store/conversations.ts";
import type { Store } from "../store/store.ts";
import type { Accepted, Turn } from "../store/turns.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Bus } from "./bus.ts";
import type { Live } from "./live.ts";
import { mailbox } from "./mailbox.ts";
import { type Response, responding } from "./responding.ts";
import type { Runner } from "./runner.ts";
import { stopping } from "./stopping.ts";
import { checkSubmission, type Sees, type Submission, turnOf } from "./submission.ts";

/** How many turns may be queued behind the running one. */
const maxQueued = 5;

/** For a turn that stops others first, while new ones keep arriving. */
const maxAttempts = 5;

export interface Acceptance {
  turnId: string;
  duplicate: boolean;
  /** Turns ahead of it in its conversation. */
  position: number;
  replaces?: string;
  /** Announces the turn to the members and starts it. Call it after the reply was sent. */
  proceed: () => void;
}

export interface Reset {
  sessionId: string;
  /** Announces the reset to the members. Call it after the reply was sent. */
  proceed: () => void;
}

/** What changes when a turn is replaced. Everything else is as it was. */
export interface Change
  extends Partial<
    Pick<Submission, "clientId" | "query" | "attachments" | "context" | "options" | "engine" | "traceparent">
  > {
  /** Overrides the turn's own sampling. */
  sampling?: Sampling;
}

interface Parts {
  store: Store;
  bus: Bus;
  live: Live;
  runner: Runner;
  metrics: Pick<Metrics, "waited">;
  sees: Sees;
}

export interface Turns {
  /** The turn that was already accepted with this client message id. */
  findDuplicate(conversationId: string, clientId: string): Promise<Acceptance | undefined>;
  /** Accepts a message as a turn. Throws `busy` if the queue is full. */
  accept(conversation: Conversation, submission: Submission): Promise<Acceptance>;
  /** Replaces a turn (the last one if `turnId` is undefined) by a new one. Throws `not_found` if it is not in the history. */
  replace(conversation: Conversation, turnId: string | undefined, change: Change): Promise<Acceptance>;
  /** Stops a turn (the one that runs or waits if `turnId` is undefined). `stopped` is false if it is unknown or has already ended. */
  stop(conversationId: string, turnId: string | undefined): Promise<{ turnId: string | undefined; stopped: boolean }>;
  /** Answers what a waiting turn asked. Throws `not_found` if a question is unknown or has an answer. */
  respond(conversationId: string, turnId: string, answers: ReadonlyMap<string, unknown>): Promise<Response>;
  /** Before a member is told what runs: lets `live` know of a turn that has waited since before anybody watched. */
  recall(conversationId: string): Promise<void>;
  /** Starts a new session. Unfinished turns end without a terminal event. */
  reset(conversationId: string): Promise<Reset>;
}

/** `start` starts a turn that was claimed. */
type Asked = Accepted & { start?: ReturnType<Runner["admit"]> };
type Settled = Exclude<Asked, { type: "session_ended" }>;

export function turns({ store, bus, live, runner, metrics, sees }: Parts): Turns {
  const enqueue = mailbox();
  const { stopOne, stopAll } = stopping({ store, bus, live });
  const { respond, isForgotten, recall } = responding({ store, bus, live, metrics });

  async function findDuplicate(conversationId: string, clientId: string): Promise<Acceptance | undefined> {
    const found = await store.history.byClientId(conversationId, clientId);
    if (!found) return undefined;
    const { turn, position } = found;
    return { turnId: turn.id, duplicate: true, position, replaces: turn.replaces, proceed() {} };
  }

  function acceptanceOf(accepted: Settled): Acceptance {
    if (accepted.type === "gone") throw noSuchTurn();
    if (accepted.type === "file_gone") throw new ChannelError("not_found", "A file is no longer kept.");
    if (accepted.type === "busy")
      throw new ChannelError("busy", "This conversation is busy with other turns. Try again when they have ended.");
    const { type, turn, position, start } = accepted;
    const { id: turnId, replaces } = turn;
    const acceptance = { turnId, position, replaces, duplicate: type === "duplicate" };
    if (type === "duplicate") return { ...acceptance, proceed() {} };
    return { ...acceptance, proceed: () => proceed(turn, start) };
  }

  /**
   * With `replace`, stops all unfinished turns until none is left; new ones may be accepted meanwhile. If a new session starts meanwhile, the
   * message belongs to that session, but a replacement fails: its turn is gone.
   */
  async function submit(conversation: Conversation, submission: Submission): Promise<Settled> {
    const { whenBusy, replaces } = submission;
    await checkSubmission(submission, sees);
    let current = conversation;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const accepted = await acceptTurn(turnOf(current, submission), whenBusy === "queue" ? maxQueued : 0);
      if (accepted.type === "busy" && whenBusy === "replace") await stopAll(current.id);
      else if (accepted.type !== "session_ended") return accepted;
      else if (replaces !== undefined) return { type: "gone" };
      else current = (await store.conversations.conversation(current.id)) ?? current;
    }
    return { type: "busy" };
  }

  /** Claims the turn in the same transaction if a slot is free and no turn is ahead of it. */
  async function acceptTurn(turn: ReturnType<typeof turnOf>, maxAhead: number): Promise<Asked> {
    const sentAt = performance.now();
    const mayClaim = runner.takeSlot(turn.userId);
    let isClaimed = false;
    try {
      const accepted = await store.turns.accept(turn, { maxAhead, mayClaim });
      const claim = accepted.type === "accepted" ? accepted.claim : undefined;
      isClaimed = claim !== undefined;
      return claim ? { ...accepted, start: runner.admit(claim, sentAt) } : accepted;
    } finally {
      if (mayClaim && !isClaimed) runner.releaseSlot(turn.userId);
    }
  }

  async function replace(conversation: Conversation, turnId: string | undefined, change: Change): Promise<Acceptance> {
    const { clientId, sampling, ...rest } = change;
    const duplicate = clientId === undefined ? undefined : await findDuplicate(conversation.id, clientId);
    if (duplicate) return duplicate;
    const found = await (turnId === undefined
      ? store.history.last(conversation.id)
      : store.history.turn(conversation.id, turnId));
    if (found?.sessionId !== conversation.sessionId || found.isSuperseded) throw noSuchTurn();
    const { request, attachments } = found;
    const accepted = await submit(conversation, {
      ...request,
      attachments,
      ...rest,
      clientId,
      sampling: sampling ? [sampling, ...request.sampling] : request.sampling,
      whenBusy: "replace",
      replaces: found.id,
    });
    // Another device has just replaced the last turn: replace the new last turn.
    if (accepted.type === "gone" && turnId === undefined) return await replace(conversation, turnId, change);
    return acceptanceOf(accepted);
  }

  function proceed(turn: Turn, start: Asked["start"]): void {
    const { id: turnId, conversationId, userId, request, attachments, replaces } = turn;
    const asked = { query: request.query, ...(attachments && { attachments }), ...(replaces && { replaces }) };
    const stage = { stage: start ? "accepted" : "queued", ...asked };
    const announce = () => bus.publish(conversationId, { type: "stage", turnId, stage });
    if (start) start(announce);
    else {
      announce();
      bus.send({ type: "wake", conversationId, userId });
    }
  }

  async function reset(conversationId: string): Promise<Reset> {
    const shown = live.running(conversationId);
    const { sessionId, ended } = await store.conversations.reset(conversationId);
    bus.send({ type: "stop", conversationId, turnIds: ended, reason: "reset" });
    // A turn shown from another node may have ended unheard; the reset ends it here too.
    const turnIds = shown?.isElsewhere ? [...ended.filter((id) => id !== shown.id), shown.id] : ended;
    const payload = { session_id: sessionId, timestamp: new Date().toISOString() };
    return {
      sessionId,
      proceed: () => bus.publish(conversationId, { type: "reset", turnIds, payload }),
    };
  }

  return {
    findDuplicate: (conversationId, clientId) => enqueue(conversationId, () => findDuplicate(conversationId, clientId)),
    accept: (conversation, submission) =>
      enqueue(conversation.id, async () => acceptanceOf(await submit(conversation, submission))),
    replace: (conversation, turnId, change) => enqueue(conversation.id, () => replace(conversation, turnId, change)),
    stop: (conversationId, turnId) => enqueue(conversationId, () => stopOne(conversationId, turnId)),
    respond: (conversationId, turnId, answers) =>
      enqueue(conversationId, () => respond(conversationId, turnId, answers)),
    async recall(conversationId) {
      if (await isForgotten(conversationId)) await enqueue(conversationId, () => recall(conversationId));
    },
    reset: (conversationId) => enqueue(conversationId, () => reset(conversationId)),
  };
}

const noSuchTurn = () => new ChannelError("not_found", "This session has no such turn.");
