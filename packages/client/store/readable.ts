import type { Readable } from "./state.ts";

/** Who wants to know of a change. */
export class Watchers {
  #all: ReadonlySet<() => void> = new Set();

  readonly subscribe = (changed: () => void): (() => void) => {
    const entry = () => changed(); // the same function may be added twice
    this.#all = new Set(this.#all).add(entry);
    return () => {
      const rest = new Set(this.#all);
      rest.delete(entry);
      this.#all = rest;
    };
  };

  notify(): void {
    for (const changed of this.#all) changed();
  }
}

/** A value whose readers are told of its changes. */
export class Cell<Value> implements Readable<Value> {
  readonly #watchers = new Watchers();
  #value: Value;
  readonly subscribe = this.#watchers.subscribe;

  constructor(value: Value) {
    this.#value = value;
  }

  readonly getSnapshot = (): Value => this.#value;

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.#watchers.notify();
  }
}
