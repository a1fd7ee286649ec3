import type { PastTurn } from "../look-up.ts";
import type { Acceptance } from "../outbox.ts";
import type { Replies } from "../protocol.ts";
import type { TurnState, UnsentMessage } from "./state.ts";
import { isOver, newTurn, recorded } from "./turn-state.ts";

/** The turns and their order: those that the server has accepted as it has accepted them, then those on their way. */
export class Turns {
  readonly #states = new Map<string, TurnState>();
  /** By `turn_id`. */
  readonly #keys = new Map<string, string>();
  /** `turn_id`s that have left the history. */
  readonly #gone = new Set<string>();
  #order: readonly string[] = [];
  readonly #changed: (key: string) => void;

  /** `changed` is told the key of each turn that was added, changed or removed. */
  constructor(changed: (key: string) => void) {
    this.#changed = changed;
  }

  at(key: string): TurnState | undefined {
    return this.#states.get(key);
  }

  /** Those that the server has accepted. */
  ids(): string[] {
    return [...this.#keys.keys()];
  }

  /** The keys of all turns to show. What a message on its way is going to replace is hidden. */
  keys(): readonly string[] {
    const replaced = this.#all().flatMap(({ status, replaces }) => (status === "sending" && replaces ? replaces : []));
    const from = this.#order.findIndex((key) => replaced.includes(this.at(key)?.turn_id ?? ""));
    if (from < 0) return this.#order;
    return this.#order.filter((key, at) => at < from || this.at(key)?.turn_id === undefined);
  }

  /** Messages on their way. */
  unsent(): UnsentMessage[] {
    return this.#all().flatMap(({ key, query, status }) => (status === "sending" ? { id: key, content: query } : []));
  }

  running(): string | undefined {
    return this.#all().find(
      ({ status, turn_id }) => turn_id !== undefined && (status === "running" || status === "waiting"),
    )?.turn_id;
  }

  keyOf(turnId: string): string | undefined {
    return this.#keys.get(turnId);
  }

  /** The `turn_id` of the first turn. */
  oldest(): string | undefined {
    return this.#all().find(({ turn_id }) => turn_id !== undefined)?.turn_id;
  }

  lastAccepted(): string | undefined {
    return this.#all().findLast(({ turn_id }) => turn_id !== undefined)?.turn_id;
  }

  isGone(turnId: string): boolean {
    return this.#gone.has(turnId);
  }

  isKnown(turnId: string): boolean {
    return this.#keys.has(turnId) || this.#gone.has(turnId);
  }

  put(turn: TurnState): void {
    if (!this.#states.has(turn.key)) this.#order = [...this.#order, turn.key];
    this.#states.set(turn.key, turn);
    this.#changed(turn.key);
  }

  /** Changes an accepted turn. One that is not known yet is added. */
  change(turnId: string, change: (turn: TurnState) => TurnState): void {
    if (this.#gone.has(turnId)) return;
    const key = this.#keys.get(turnId) ?? turnId;
    const known = this.at(key);
    this.put(change(known ?? newTurn(key, { turn_id: turnId })));
    if (known) return;
    this.#keys.set(turnId, key);
    this.#place(key);
  }

  /** A message has become a turn. Its events may have come before the reply, if the first reply was lost with the connection. */
  accepted(key: string, { turn_id, position, replaces }: Acceptance): void {
    const message = this.at(key);
    if (!message) return;
    if (this.#gone.has(turn_id)) return this.remove(key);
    const twin = this.#keys.get(turn_id);
    if (twin !== undefined && twin !== key) {
      const turn = this.at(twin);
      this.#order = this.#order.filter((other) => other !== key).map((other) => (other === twin ? key : other));
      this.#states.delete(twin);
      this.#changed(twin);
      if (turn) this.put({ ...turn, key, ...(replaces && { replaces }) });
    } else {
      this.put({ ...message, turn_id, status: position > 0 ? "queued" : "running", ...(replaces && { replaces }) });
      this.#place(key);
    }
    this.#keys.set(turn_id, key);
  }

  /** The turn that is replaced leaves, with those after it. False if it is not known, so that the history has to be read. */
  replaced(turnId: string, by: string): boolean {
    if (this.#gone.has(turnId)) return true;
    const from = this.#order.indexOf(this.#keys.get(turnId) ?? "");
    this.#gone.add(turnId);
    if (from < 0) return false;
    for (const key of this.#order.slice(from, this.#order.indexOf(by)))
      if (this.at(key)?.turn_id !== undefined) this.remove(key);
    return true;
  }

  remove(key: string): void {
    const turnId = this.at(key)?.turn_id;
    if (turnId !== undefined) {
      this.#keys.delete(turnId);
      this.#gone.add(turnId);
    }
    this.#states.delete(key);
    this.#order = this.#order.filter((other) => other !== key);
    this.#changed(key);
  }

  clear(): void {
    for (const { key, turn_id } of this.#all()) if (turn_id !== undefined) this.remove(key);
  }

  /** Adds an older page. */
  prepend(page: readonly PastTurn[]): void {
    const added = page.filter(({ turn_id }) => !this.isKnown(turn_id));
    for (const entry of added) this.#record(entry);
    const keys = added.map(({ turn_id }) => turn_id);
    this.#order = [...keys, ...this.#order.filter((key) => !keys.includes(key))];
  }

  /** Takes over the newest page. `asked` are the turns that were known when it was asked for: those that it lacks have left. */
  reconcile({ turns, has_more }: Replies["get_history"], asked: readonly string[]): void {
    const page = turns.filter(({ turn_id }) => !this.#gone.has(turn_id));
    const inPage = new Set(page.map(({ turn_id }) => turn_id));
    const first = this.#order.findIndex((key) => inPage.has(this.at(key)?.turn_id ?? ""));
    const older =
      has_more && first > 0 ? this.#order.slice(0, first).filter((key) => this.at(key)?.turn_id !== undefined) : [];
    const kept = new Set(older);
    for (const turnId of asked) {
      const key = this.#keys.get(turnId);
      if (key !== undefined && !inPage.has(turnId) && !kept.has(key)) this.remove(key);
    }
    for (const entry of page) this.#record(entry);
    const known = [...older, ...page.map(({ turn_id }) => this.#keys.get(turn_id) ?? turn_id)];
    const isPlaced = new Set(known);
    this.#order = [...known, ...this.#order.filter((key) => !isPlaced.has(key))];
  }

  #all(): TurnState[] {
    return this.#order.flatMap((key) => this.at(key) ?? []);
  }

  /** What was followed to its end has more than the history. */
  #record(entry: PastTurn): void {
    const key = this.#keys.get(entry.turn_id);
    const known = key === undefined ? undefined : this.at(key);
    if (known && (isOver(known) || !isEnd(entry))) return;
    this.#keys.set(entry.turn_id, key ?? entry.turn_id);
    this.put(recorded(known ?? newTurn(entry.turn_id, { isPast: true }), entry));
  }

  /** Accepted turns stand before the messages on their way. */
  #place(key: string): void {
    const rest = this.#order.filter((other) => other !== key);
    const at = rest.findIndex((other) => this.at(other)?.status === "sending");
    this.#order = at < 0 ? [...rest, key] : rest.toSpliced(at, 0, key);
  }
}

const isEnd = ({ status }: PastTurn) => status !== "queued" && status !== "running";
