import type { JsonObject, Sampling } from "../../graphs/host.ts";
import { ChannelError } from "../errors.ts";
import type { Accepted, Conversation, Store, Turn } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";
import type { Live } from "./live.ts";
import { answered } from "./outcome.ts";
import { type Question, turnOf } from "./question.ts";
import type { Runner } from "./runner.ts";
import { terminalEvent } from "./terminal-event.ts";

/** This many turns may wait behind the running one. */
const room = 5;

/** So often a turn that replaces others tries, where new ones keep coming in between. */
const mostAttempts = 5;

export interface Acceptance {
  turnId: string;
  duplicate: boolean;
  /** Turns ahead of it. */
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
  live: Live;
  runner: Runner;
  log: Log;
}

export interface Turns {
  /** The turn that this client's message id was accepted as before. */
  known(conversationId: string, clientId: string): Promise<Acceptance | undefined>;
  /** Writes a message down as a turn. Refuses with `busy` when there is no room. */
  accept(conversation: Conversation, question: Question): Promise<Acceptance>;
  /** Answers a turn again, with what is `changed`. Refuses with `not_found` when there is no such turn in the history. */
  replace(conversation: Conversation, turnId: string | undefined, changed: Change): Promise<Acceptance>;
  /** Ends one turn, running or waiting; false when it is over or unknown. */
  stop(conversationId: string, turnId: string): Promise<boolean>;
  /** Begins a new session; the turns of the old one end without a word. */
  reset(conversationId: string): Promise<Reset>;
}

/** What became of a message that belongs to the session of now. */
type Settled = Exclude<Accepted, { type: "moved" }>;

export function turns({ store, live, runner, log }: Parts): Turns {
  /** What is being accepted, by the client's message id: one that is sent twice at once stops nothing for the sake of a duplicate. */
  const arriving = new Map<string, Promise<unknown>>();

  async function known(conversationId: string, clientId: string): Promise<Acceptance | undefined> {
    const turn = await store.byClientId(conversationId, clientId);
    return turn && { turnId: turn.id, duplicate: true, position: await store.ahead(turn), proceed() {} };
  }

  async function accept(conversation: Conversation, question: Question): Promise<Acceptance> {
    const { clientId } = question;
    if (clientId === undefined) return acceptanceOf(await written(conversation, question));
    const key = JSON.stringify([conversation.id, clientId]);
    const former = arriving.get(key)?.catch(() => {});
    const mine = Promise.resolve(former).then(() => written(conversation, question));
    arriving.set(key, mine);
    try {
      return acceptanceOf(await mine);
    } finally {
      if (arriving.get(key) === mine) arriving.delete(key);
    }
  }

  function acceptanceOf(accepted: Settled): Acceptance {
    if (accepted.type === "gone") throw noSuchTurn();
    if (accepted.type === "busy") {
      throw new ChannelError("busy", "Another turn of this conversation has not ended yet.");
    }
    const { type, turn, position } = accepted;
    const duplicate = type === "duplicate";
    const { id: turnId, replaces } = turn;
    return { turnId, position, replaces, duplicate, proceed: () => duplicate || proceed(turn, position) };
  }

  /**
   * What replaces others waits for none: those that were accepted while the others were stopped are stopped as well. A message that
   * crosses the beginning of a new session belongs to that, and an old turn cannot be replaced in it.
   */
  async function written(conversation: Conversation, question: Question): Promise<Settled> {
    const { whenBusy, replaces } = question;
    let current = conversation;
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const accepted = await store.accept(turnOf(current, question), whenBusy === "queue" ? room : 0);
      if (accepted.type === "busy" && whenBusy === "replace") await stopAll(current.id);
      else if (accepted.type !== "moved") return accepted;
      else if (replaces !== undefined) return { type: "gone" };
      else current = (await store.conversation(current.id)) ?? current;
    }
    return { type: "busy" };
  }

  async function replace(
    conversation: Conversation,
    turnId: string | undefined,
    { query, sampling }: Change,
  ): Promise<Acceptance> {
    const known =
      turnId === undefined ? await store.lastTurn(conversation.id) : await store.turn(conversation.id, turnId);
    if (known?.sessionId !== conversation.sessionId || known.isSuperseded) throw noSuchTurn();
    const { request } = known;
    const accepted = await written(conversation, {
      ...request,
      query: query ?? request.query,
      sampling: sampling ? [sampling, ...request.sampling] : request.sampling,
      whenBusy: "replace",
      replaces: known.id,
    });
    // Another device was faster, and its turn is the last one.
    if (accepted.type === "gone" && turnId === undefined)
      return await replace(conversation, turnId, { query, sampling });
    return acceptanceOf(accepted);
  }

  function proceed(turn: Turn, position: number): void {
    const stage = { stage: position === 0 ? "accepted" : "queued", query: turn.request.query };
    live.publish(turn.conversationId, { type: "stage", turnId: turn.id, stage });
    runner.wake(turn.conversationId);
  }

  async function stop(conversationId: string, turnId: string): Promise<boolean> {
    if (await runner.stop(conversationId, turnId)) return true;
    const turn = await store.turn(conversationId, turnId);
    if (turn?.status === "running") return await runner.stop(conversationId, turnId);
    if (turn?.status !== "queued") return false;
    const outcome = answered(turn, { text: "", route: undefined, metadata: nothingSpent() }, true);
    if (!(await store.endQueued(turnId, outcome, live.running(conversationId)?.length ?? 0)))
      return await runner.stop(conversationId, turnId);
    live.publish(conversationId, { type: "ended", terminal: terminalEvent(turn, outcome) });
    return true;
  }

  /** The last first, so that none of them begins while those before it end. */
  async function stopAll(conversationId: string): Promise<void> {
    for (const turn of (await store.openTurns(conversationId)).toReversed()) await stop(conversationId, turn.id);
  }

  async function reset(conversationId: string): Promise<Reset> {
    const { sessionId, formerSessionId, ended } = await store.reset(conversationId);
    const over = runner.reset(conversationId, ended);
    const payload = { session_id: sessionId, timestamp: new Date().toISOString() };
    return {
      sessionId,
      // Before anything else happens: what members are told from here on is of the new session.
      proceed() {
        live.publish(conversationId, { type: "reset", turnIds: ended, payload });
        over
          .then(() => store.forget(formerSessionId))
          .catch((error: unknown) =>
            log.warn({ session_id: formerSessionId, err: error }, "a thread was not forgotten"),
          );
      },
    };
  }

  return { known, accept, replace, stop, reset };
}

function noSuchTurn(): ChannelError {
  return new ChannelError("not_found", "There is no such turn in this session.");
}

function nothingSpent(): JsonObject {
  return {
    processing_time: 0,
    model_used: "",
    usage: { input_tokens: 0, output_tokens: 0, llm_calls: 0 },
    prompts: {},
  };
}
