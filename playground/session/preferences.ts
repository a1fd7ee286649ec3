import { signal } from "@preact/signals";

import { readObject } from "../parts/json-object.ts";
import { browserStore } from "./storage.ts";

const stored = "preferences";

/** The user's preferences, kept in this browser. They are join parameters. */
export const preferences = signal<Record<string, unknown>>(readObject(browserStore.read(stored) ?? "") ?? {});

/** Returns false if they are only kept until the page is left. */
export function keepPreferences(values: Record<string, unknown>): boolean {
  preferences.value = values;
  return browserStore.write(stored, JSON.stringify(values));
}
