import { signal } from "@preact/signals";

/** Whether the end of the conversation stays in view. */
export const follows = signal(true);

/** Changes when the conversation is to be scrolled to its end. */
export const endWanted = signal(0);

export function toEnd(): void {
  follows.value = true;
  endWanted.value += 1;
}
