import { signal } from "@preact/signals";

/** A message to the user, shown above the message field. */
export const notice = signal("");

/** Shows an error. */
export function report(error: unknown): void {
  notice.value = error instanceof Error ? error.message : String(error);
}
