import type { Counters } from "./counters.ts";

/** What is kept while the store is read. */
const maxHeld = 500;

/** Reads the store, one time after the other. What arrives meanwhile waits, because it is newer. */
export class Reading<Arrived> {
  readonly #counters: Pick<Counters, "healed">;
  #held: Arrived[] | undefined;
  #mustStart = false;

  constructor(counters: Pick<Counters, "healed">) {
    this.#counters = counters;
  }

  get isOn(): boolean {
    return this.#held !== undefined;
  }

  /** It has to be read again. */
  get mustStart(): boolean {
    return this.#mustStart && !this.isOn;
  }

  again(): void {
    this.#mustStart = true;
  }

  /** Returns false if too much waits already. */
  hold(arrived: Arrived): boolean {
    if (!this.#held || this.#held.length >= maxHeld) return false;
    this.#held.push(arrived);
    return true;
  }

  /** Does nothing while it is read; it is read once more then. `take` gets what has waited. */
  start(job: () => Promise<void>, take: (arrived: Arrived) => void): void {
    this.#mustStart = this.isOn;
    if (this.isOn) return;
    this.#held = [];
    this.#counters.healed += 1;
    void job()
      .catch(() => this.again()) // the store is busy
      .then(() => {
        const held = this.#held ?? [];
        this.#held = undefined;
        for (const one of held) take(one);
      });
  }
}
