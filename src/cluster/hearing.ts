import type { LiveEvent } from "../turns/bus.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import { eventsTo, fitted, type Snapshot } from "../turns/snapshot.ts";

/** In ticks. So long the node that runs a turn may be silent before it is asked, and before the store is; and so often the store is asked about a turn that waits. */
const quietTicks = { ask: 2, heal: 4, waiting: 30 };

/** `gap`: the sender has to tell its state. `lost`: the store has to be asked first. */
export type Verdict = "fine" | "gap" | "lost";

interface Place {
  /** The turn that this node shows. */
  running(): LiveTurn | undefined;
  /** What the listeners have been told. */
  known: { isTold(turnId: string): boolean; isKnown(sessionId: unknown): boolean };
  /** Tells the listeners of this node. */
  tell(event: LiveEvent): void;
}

/** Turns what other nodes say of a conversation into events for the listeners of this node. What comes late from a node that has lost its turn is dropped. */
export class Hearing {
  readonly #place: Place;
  /** The turn that runs on this node. */
  #own: string | undefined;
  /** The node that runs the turn that is shown. */
  #speaker: { node: string; turnId: string } | undefined;
  /** For how many ticks it has said nothing. */
  #quiet = 0;
  /** A turn that began although another one had not ended, as far as was known. */
  #doubted: string | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  /** The turn that runs on this node. */
  get own(): LiveTurn | undefined {
    const running = this.#place.running();
    return this.#own !== undefined && running?.id === this.#own ? running : undefined;
  }

  runsHere(turnId: string): boolean {
    return turnId === this.#own;
  }

  /** This node has told its listeners of what happens here. */
  said(event: LiveEvent): Verdict {
    const isUnended = event.type === "began" && this.#speaker && this.#speaker.turnId !== event.turnId;
    if (event.type === "began") {
      this.#own = event.turnId;
      this.#speaker = undefined;
    } else if (isOver(event, this.#own)) this.#own = undefined;
    if (event.type !== "abandoned") this.told(event); // said of a turn that another node may run already
    return isUnended ? "lost" : "fine";
  }

  /** This node has told its listeners. */
  told(event: LiveEvent): void {
    if (isOver(event, this.#speaker?.turnId)) this.#speaker = undefined;
  }

  /** Something came from a node. */
  heardFrom(node: string): void {
    if (this.#speaker?.node === node) this.#quiet = 0;
  }

  /** Whether the other nodes, or the store, should be asked about the turn that is shown. */
  tick(): "ask" | "heal" | undefined {
    const running = this.#place.running();
    this.#quiet = running && running.id !== this.#own ? this.#quiet + 1 : 0;
    const isWaiting = running !== undefined && running.requests.length > 0;
    if (!isWaiting && this.#quiet === quietTicks.ask) return "ask";
    if (this.#quiet < (isWaiting ? quietTicks.waiting : quietTicks.heal)) return undefined;
    this.#quiet = 0;
    return "heal";
  }

  events(node: string, events: readonly LiveEvent[]): Verdict {
    for (const event of events) {
      const verdict = this.#event(node, event);
      if (verdict !== "fine") return verdict;
    }
    return "fine";
  }

  /** `turn`: what runs on the node. */
  state(node: string, turn: Snapshot | undefined): Verdict {
    if (!turn) return this.#speaker?.node === node ? "lost" : "fine";
    const known = this.#place.running();
    const verdict = this.#follow(node, turn, known);
    if (verdict !== "follows") return verdict;
    const { turnId } = turn;
    const events = eventsTo(known?.id === turnId ? known : undefined, turn);
    if (events === "gap") return "gap";
    for (const event of events) this.#place.tell(event);
    return "fine";
  }

  #event(node: string, event: LiveEvent): Verdict {
    if (event.type === "notice") return this.#tell(event);
    if (event.type === "reset") return this.#place.known.isKnown(event.payload.session_id) ? "fine" : "lost"; // it may not be the last one
    const { turnId } = event;
    if (event.type === "abandoned" || this.#place.known.isTold(turnId)) return "fine";
    if (event.type === "ended") return this.#ended(node, event);
    const known = this.#place.running();
    if (event.type === "began") {
      const verdict = this.#follow(node, event, known);
      return verdict === "follows" ? this.#tell({ ...event, isElsewhere: true }) : verdict;
    }
    if (event.type === "answered") return this.#tell(event);
    if (turnId === this.#own) return "fine";
    if (this.#speaker?.turnId === turnId && this.#speaker.node !== node) return "fine"; // from an earlier attempt
    if (event.type === "stage") return this.#tell(event);
    if (known?.id !== turnId) return "gap";
    if (event.type !== "text" && event.type !== "reasoning") return this.#tell(event);
    const rest = fitted(known, event);
    if (rest === "gap") return "gap";
    return rest === "stale" ? "fine" : this.#tell(rest);
  }

  /** A node says that it runs a turn. */
  #follow(
    node: string,
    { turnId, attempt }: { turnId: string; attempt: number },
    known: LiveTurn | undefined,
  ): Verdict | "follows" {
    if (this.#place.known.isTold(turnId)) return "fine";
    if (known?.id === turnId && known.attempt > attempt) return "fine";
    if (turnId === this.#own && known?.attempt === attempt) return "fine";
    if (known && known.id !== turnId && !this.#believes(turnId)) return "lost";
    this.#own = undefined; // a later attempt, or a later turn: the one of this node is void
    this.#speaker = { node, turnId };
    this.#quiet = 0;
    return "follows";
  }

  /** Only the end that its speaker tells follows on all of its text. For any other, the text is in the store. */
  #ended(node: string, event: Extract<LiveEvent, { type: "ended" }>): Verdict {
    const { turnId, terminal } = event;
    const isSpeaker = this.#speaker?.turnId === turnId && this.#speaker.node === node;
    if (isSpeaker) return this.#tell(event);
    if (turnId === this.#own) this.#own = undefined;
    const isKnown = this.#place.running()?.id === turnId;
    const isEmpty = terminal.payload.response === "";
    return !isKnown && isEmpty ? this.#tell({ ...event, late: { answer: "", reasoning: "" } }) : "lost";
  }

  /** The store was asked what became of the turn that is shown, and does not know of its end. */
  #believes(turnId: string): boolean {
    const isAgain = this.#doubted === turnId;
    this.#doubted = isAgain ? undefined : turnId;
    return isAgain;
  }

  #tell(event: LiveEvent): Verdict {
    this.told(event);
    this.#place.tell(event);
    return "fine";
  }
}

function isOver(event: LiveEvent, turnId: string | undefined): boolean {
  if (turnId === undefined) return false;
  if (event.type === "reset") return event.turnIds.includes(turnId);
  return (
    (event.type === "ended" || event.type === "abandoned" || event.type === "requested") && event.turnId === turnId
  );
}
