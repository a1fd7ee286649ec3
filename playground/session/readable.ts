import { type ReadonlySignal, signal } from "@preact/signals";
import type { Readable } from "conversation-channel-client";

/** A signal with the value of a readable. It is subscribed to the readable while something is subscribed to the signal. */
export function signalOf<Value>({ subscribe, getSnapshot }: Readable<Value>): ReadonlySignal<Value> {
  return followed(getSnapshot, subscribe);
}

/** The same, but updated at most once per frame, because text arrives faster than screens show it. */
export function signalByFrame<Value>({ subscribe, getSnapshot }: Readable<Value>): ReadonlySignal<Value> {
  return followed(getSnapshot, (changed) => {
    let frame: number | undefined;
    const unsubscribe = subscribe(() => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        changed();
      });
    });
    return () => {
      unsubscribe();
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  });
}

function followed<Value>(current: () => Value, subscribe: (changed: () => void) => () => void): ReadonlySignal<Value> {
  let unsubscribe: (() => void) | undefined;
  const followed = signal(current(), {
    watched() {
      unsubscribe = subscribe(() => {
        followed.value = current();
      });
      followed.value = current();
    },
    unwatched() {
      unsubscribe?.();
    },
  });
  return followed;
}
