import type { Counters } from "./counters.ts";
import type { Arrived } from "./listening.ts";

/** Letters that are kept while the store is read. */
const maxHeld = 500;

/** Reads the store, one time after the other. What arrives meanwhile waits, because it is newer. */
export class Reading {
  readonly #counters: Pick<Counters, "healed">;
  readonly #read: () => Promise<void>;
  readonly #take: (arrived: Arrived) => void;
  #held: Arrived[] | undefined;
  /** Asked for again during the current read. */
  #isWanted = false;
  #hasFailed = false;

  /** `take` gets what has waited. */
  constructor(counters: Pick<Counters, "healed">, read: () => Promise<void>, take: (arrived: Arrived) => void) {
    this.#counters = counters;
    this.#read = read;
    this.#take = take;
  }

  get isOn(): boolean {
    return this.#held !== undefined;
  }

  /** The last read failed; the next tick repeats it. */
  get hasFailed(): boolean {
    return this.#hasFailed && !this.isOn;
  }

  retryLater(): void {
    this.#hasFailed = true;
  }

  /** Returns false if too much waits already. */
  hold(arrived: Arrived): boolean {
    if (!this.#held || this.#held.length >= maxHeld) return false;
    this.#held.push(arrived);
    return true;
  }

  /** If a read is in progress, another one follows it. */
  start(): void {
    this.#isWanted = this.isOn;
    if (this.isOn) return;
    this.#held = [];
    this.#hasFailed = false;
    this.#counters.healed += 1;
    void this.#read()
      .catch(() => this.retryLater()) // the store is busy
      .then(() => this.#end());
  }

  #end(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const one of held) this.#take(one);
    if (this.#isWanted && !this.#hasFailed) this.start();
  }
}
