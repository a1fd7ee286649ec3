import { leaseMs, type TurnStatus } from "../../../src/store/turns.ts";
import type { Answered } from "../../../src/store/waits.ts";
import type { ModelAsked, ModelConversation, ModelEnding, ModelTurn } from "./model-turn.ts";

const unfinished: ReadonlySet<TurnStatus> = new Set<TurnStatus>(["queued", "running", "waiting"]);

/** A simple reference implementation of the ports for turns, history and deliveries: lists that are searched. */
export class StoreModel {
  readonly turns: ModelTurn[] = [];
  /** The turn of each claim, by the claim's number. */
  readonly claims: ModelTurn[] = [];
  readonly conversations: ModelConversation[];
  #now = 0;
  #ends = 0;

  constructor(conversations: number) {
    this.conversations = Array.from({ length: conversations }, () => ({ session: 0, summaries: new Map() }));
  }

  at(index: number): ModelConversation {
    const found = this.conversations[index];
    if (!found) throw new Error("There is no such conversation.");
    return found;
  }

  accept(at: number, id: string, { clientId, maxAhead, mayClaim, replaces }: ModelAsked) {
    const open = this.open(at);
    const known = this.turns.find((turn) => turn.at === at && clientId !== undefined && turn.clientId === clientId);
    if (known)
      return { type: "duplicate", id: known.id, position: open.filter((one) => this.#isBefore(one, known)).length };
    if (replaces?.isSuperseded) return { type: "gone" };
    if (open.length > maxAhead) return { type: "busy" };
    const { session } = this.at(at);
    if (replaces) this.#leave(at, replaces);
    const turn: ModelTurn = {
      ...{ id, at, session, clientId, status: "queued", attempt: 0, released: 0 },
      ...{ isSuperseded: false, delivery: 0, steps: new Map() },
    };
    this.turns.push(turn);
    const isClaimed = mayClaim && open.length === 0;
    if (isClaimed) this.#hold(turn);
    return { type: "accepted", id, position: open.length, isClaimed };
  }

  claim(at: number): ModelTurn | undefined {
    const { held } = this.at(at);
    const [next] = this.open(at);
    if ((held && held.until > this.#now) || !next || next.status === "waiting") return undefined;
    this.#hold(next);
    return next;
  }

  /** The claim's conversation; undefined if the claim is void. */
  #heldBy(claim: number): ModelConversation | undefined {
    return this.conversations.find(({ held }) => held?.claim === claim);
  }

  renew(): { void: number[]; stopped: number[] } {
    const renewed: ReturnType<StoreModel["renew"]> = { void: [], stopped: [] };
    for (const [claim, turn] of this.claims.entries()) {
      const held = this.#heldBy(claim)?.held;
      if (held) held.until = this.#now + leaseMs;
      else renewed.void.push(claim);
      if (held && turn.isStopRequested) renewed.stopped.push(claim);
    }
    return renewed;
  }

  requestStop(turn: ModelTurn): boolean {
    if (turn.status !== "running") return false;
    turn.isStopRequested = true;
    return true;
  }

  release(claim: number): void {
    const conversation = this.#heldBy(claim);
    const turn = this.claims[claim];
    if (!conversation || !turn) return;
    conversation.held = undefined;
    turn.status = "queued";
    turn.released += 1;
  }

  finish(claim: number, { status, response, reasoning, isSent }: ModelEnding): boolean {
    const conversation = this.#heldBy(claim);
    const turn = this.claims[claim];
    if (!conversation || !turn) return false;
    conversation.held = undefined;
    turn.reasoning = reasoning;
    this.#end(turn, status, response, isSent);
    return true;
  }

  endQueued(turn: ModelTurn, isSent: boolean, units: number): boolean {
    if (turn.status !== "queued") return false;
    const [first] = this.open(turn.at);
    if (first && first !== turn) turn.beside = { turn: first, units };
    this.#end(turn, "stopped", "", isSent);
    return true;
  }

  ask(claim: number, questions: number): boolean {
    const conversation = this.#heldBy(claim);
    const turn = this.claims[claim];
    if (!conversation || !turn) return false;
    conversation.held = undefined;
    turn.status = "waiting";
    turn.released += 1;
    turn.open = new Set(Array.from({ length: questions }, (_, question) => question));
    return true;
  }

  answer(turn: ModelTurn, questions: readonly number[]): Answered {
    const { open } = turn;
    if (turn.status !== "waiting" || !open || questions.some((question) => !open.has(question))) return "unknown";
    for (const question of questions) open.delete(question);
    if (open.size > 0) return "partly";
    turn.status = "queued";
    return "complete";
  }

  endWaiting(turn: ModelTurn, isSent: boolean): boolean {
    if (!turn.open || (turn.status !== "waiting" && turn.status !== "queued")) return false;
    this.#end(turn, "stopped", "Well", isSent);
    return true;
  }

  keepStep(claim: number, name: string, result: string): void {
    if (this.#heldBy(claim)) this.claims[claim]?.steps.set(name, result);
  }

  reset(at: number): string[] {
    const conversation = this.at(at);
    const open = this.open(at);
    for (const turn of open) {
      turn.status = "stopped";
      turn.steps.clear();
      turn.open = undefined;
    }
    conversation.session += 1;
    conversation.held = undefined;
    return open.map(({ id }) => id);
  }

  keepSummary(at: number, text: string, before: number, covered: ModelTurn[]): boolean {
    const { summaries, session } = this.at(at);
    const known = summaries.get(session)?.covered ?? [];
    if (known.length !== before || covered.some(({ isSuperseded }) => isSuperseded)) return false;
    summaries.set(session, { text, covered });
    return true;
  }

  mark(turn: ModelTurn, delivery: 1 | 2): void {
    turn.delivery = turn.delivery === 2 ? 2 : delivery;
  }

  passTime(ms: number): void {
    this.#now += ms;
  }

  /** The conversations that somebody has to run, if all their turns are old. */
  unclaimed(): number[] {
    const heads = this.conversations.flatMap(({ held }, at) =>
      held && held.until > this.#now ? [] : this.open(at).slice(0, 1),
    );
    return heads.filter(({ status }) => status !== "waiting").map(({ at }) => at);
  }

  open(at: number): ModelTurn[] {
    return this.turns.filter((turn) => turn.at === at && unfinished.has(turn.status));
  }

  history(at: number): ModelTurn[] {
    const { session } = this.at(at);
    return this.turns.filter((turn) => turn.at === at && turn.session === session && !turn.isSuperseded);
  }

  /** In the order in which they ended. */
  ended(at: number): ModelTurn[] {
    const place = ({ ended = 0 }: ModelTurn) => ended;
    return this.history(at)
      .filter(({ ended }) => ended !== undefined)
      .sort((one, other) => place(one) - place(other));
  }

  /** The turns missed by a client that has read a turn's answer up to this offset. */
  endedAfter(turn: ModelTurn, offset: number): ModelTurn[] {
    const { ended: end = Number.POSITIVE_INFINITY } = turn;
    const isLater = ({ ended = 0, beside }: ModelTurn) =>
      ended >= end || (beside?.turn === turn && beside.units >= offset);
    return this.ended(turn.at).filter(isLater);
  }

  summary(at: number): { text: string; covered: ModelTurn[] } {
    const { summaries, session } = this.at(at);
    return summaries.get(session) ?? { text: "", covered: [] };
  }

  #isBefore(one: ModelTurn, other: ModelTurn): boolean {
    return this.turns.indexOf(one) < this.turns.indexOf(other);
  }

  #hold(turn: ModelTurn): void {
    turn.status = "running";
    turn.attempt += 1;
    this.at(turn.at).held = { claim: this.claims.push(turn) - 1, until: this.#now + leaseMs };
  }

  #end(turn: ModelTurn, status: TurnStatus, response: string, isSent: boolean): void {
    this.#ends += 1;
    Object.assign(turn, { status, response, ended: this.#ends, delivery: isSent ? 1 : 0, open: undefined });
  }

  #leave(at: number, replaced: ModelTurn): void {
    const { summaries, session } = this.at(at);
    const gone = this.history(at).filter((turn) => turn === replaced || this.#isBefore(replaced, turn));
    for (const turn of gone) turn.isSuperseded = true;
    if (this.summary(at).covered.some((turn) => gone.includes(turn))) summaries.delete(session);
  }
}
