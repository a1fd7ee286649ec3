import type { Readable } from "../store/state.ts";

/** Resolves to the first value that passes the test. */
export function until<Value>(readable: Readable<Value>, fits: (value: Value) => boolean): Promise<Value> {
  return new Promise((resolve) => {
    const check = () => {
      const value = readable.getSnapshot();
      if (!fits(value)) return;
      unsubscribe();
      resolve(value);
    };
    const unsubscribe = readable.subscribe(check);
    check();
  });
}
