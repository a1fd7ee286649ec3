import type { Member } from "../phoenix/channel.ts";
import type { HistoryStore } from "../store/history.ts";
import type { Outcome, Turn } from "../store/turns.ts";
import { type Cursor, LiveTurn } from "../turns/live-turn.ts";
import { type TerminalEvent, terminalEvent } from "../turns/terminal-event.ts";
import type { Deliveries } from "./deliveries.ts";
import type { OutboundEvent } from "./outbound.ts";

/** So many events wait for a member that reads slowly; one more and it has to join again. */
const mostWaiting = 200;

/** Where turns that are over are kept, and what became of their ends. */
export interface Keeper {
  store: { history: Pick<HistoryStore, "turn"> };
  deliveries: Pick<Deliveries, "mark" | "wasSent">;
}

/** What is to be sent; `turnId` where it is about a turn. */
export type Waiting =
  | { type: "push"; event: OutboundEvent; payload: object; turnId?: string }
  /** `isLate`: the member was not there, or read slowly, when the turn ended. */
  | { type: "terminal"; turnId: string; terminal: TerminalEvent; isLate?: true }
  /** The answer from the cursor on, in pieces of at most so many UTF-16 units. */
  | { type: "text"; turnId: string; turn: LiveTurn; cursor: Cursor; most: number }
  /** A turn that is over, from the cursor on: read again when its time has come, for until then nobody needs its text. */
  | { type: "ending"; turnId: string; rest?: Rest }
  /** Ends that the member has not got, in order. */
  | { type: "missed"; turnIds: string[] };

type Rest = Omit<Extract<Waiting, { type: "text" }>, "type" | "turn" | "turnId"> & { restarts: number };

/** What one member is still to be sent, in one order. While it reads slowly everything waits, and texts are merged. */
export class Backlog {
  readonly #keeper: Keeper;
  readonly #member: Member<unknown>;
  readonly #conversationId: string;
  #waiting: Waiting[] = [];
  /** It goes on by itself: the socket can be written to again, or a turn was read. */
  #isHeld = false;

  constructor(keeper: Keeper, member: Member<unknown>, conversationId: string) {
    this.#keeper = keeper;
    this.#member = member;
    this.#conversationId = conversationId;
  }

  get last(): Waiting | undefined {
    return this.#waiting.at(-1);
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting = [];
      this.#member.crash();
    } else this.#send();
  }

  /** Nothing more is sent of these turns. */
  drop(turnIds: readonly string[]): void {
    this.#waiting = this.#waiting.filter((one) => !("turnId" in one && one.turnId && turnIds.includes(one.turnId)));
  }

  /** The turn is over: what still waits of its answer and its end is not kept here but in the store. */
  letGo(turnId: string): void {
    const ofTurn = ({ type, ...one }: Waiting) => type !== "push" && "turnId" in one && one.turnId === turnId;
    const own = this.#waiting.filter(ofTurn);
    if (own.length === 0) return;
    const text = own.find((one) => one.type === "text");
    const rest = text && { cursor: text.cursor, most: text.most, restarts: text.turn.restarts };
    this.#waiting = [...this.#waiting.filter((one) => !ofTurn(one)), { type: "ending", turnId, rest }];
  }

  #send(): void {
    for (let next = this.#waiting[0]; next && !this.#isHeld; next = this.#waiting[0]) {
      if (this.#member.congested) this.#hold((resume) => this.#member.whenWritable(resume));
      else if (next.type === "ending" || next.type === "missed") this.#read(next);
      else if (next.type !== "text" || !this.#piece(next)) {
        this.#waiting.shift();
        if (next.type === "push") this.#member.push(next.event, next.payload);
        if (next.type === "terminal") this.#end(next);
      }
    }
  }

  #hold(until: (resume: () => void) => void): void {
    this.#isHeld = true;
    until(() => {
      this.#isHeld = false;
      this.#send();
    });
  }

  #end({ turnId, isLate, terminal: { event, payload } }: Extract<Waiting, { type: "terminal" }>): void {
    const { deliveries } = this.#keeper;
    if (isLate) deliveries.mark(turnId, "sent"); // of a live one the store knows that somebody watched
    this.#member.push(event, payload, () => deliveries.mark(turnId, "acknowledged"));
  }

  /** Sends one piece of the answer; false when there is none left. */
  #piece({ turn, cursor, most }: Extract<Waiting, { type: "text" }>): boolean {
    const piece = turn.read(cursor, most);
    if (!piece) return false;
    const { offset, text, restart } = piece;
    this.#member.push("response_delta", { turn_id: turn.id, offset, text, ...(restart && { restart }) });
    return true;
  }

  /** Puts the turn that is next in the place of its name. */
  #read(next: Extract<Waiting, { type: "ending" | "missed" }>): void {
    const [turnId = "", ...others] = next.type === "missed" ? next.turnIds : [next.turnId];
    this.#hold(async (resume) => {
      try {
        const turn = await this.#keeper.store.history.turn(this.#conversationId, turnId);
        if (this.#waiting[0] === next) {
          const rest: Waiting[] = others.length > 0 ? [{ type: "missed", turnIds: others }] : [];
          const hasLeft = next.type === "missed" && turn?.isSuperseded; // the history, since the member joined
          this.#waiting.splice(0, 1, ...(turn && !hasLeft ? ending(turn, this.#wasSent(turn), next) : []), ...rest);
        }
        resume();
      } catch {
        this.#waiting = [];
        this.#member.crash(); // it joins again, and says what it has
      }
    });
  }

  #wasSent({ id, wasSent }: Turn): boolean {
    return wasSent || this.#keeper.deliveries.wasSent(id);
  }
}

function ending(
  turn: Turn,
  wasSent: boolean,
  { type, ...next }: Extract<Waiting, { type: "ending" | "missed" }>,
): Waiting[] {
  const { id: turnId, request, outcome } = turn;
  if (!outcome) return [];
  const terminal = type === "missed" && wasSent ? again(turn, outcome) : terminalEvent(turn, outcome);
  const end: Waiting = { type: "terminal", turnId, terminal, isLate: true };
  if (!("rest" in next) || !next.rest) return [end];
  const { restarts, cursor, most } = next.rest;
  const whole = new LiveTurn(turnId, request.query, restarts);
  whole.take({ restarts, text: outcome.response });
  return [{ type: "text", turnId, turn: whole, cursor, most }, end];
}

/** A terminal event that somebody was sent before says so. */
function again(turn: Turn, outcome: Outcome): TerminalEvent {
  const { event, payload } = terminalEvent(turn, outcome);
  if (event === "error") return { event, payload: { ...payload, redelivered: true } };
  return { event, payload: { ...payload, metadata: { ...outcome.metadata, redelivered: true } } };
}
