import { signal } from "@preact/signals";

import { forgetDrafts } from "./drafts.ts";
import { tabStore } from "./storage.ts";

const stored = "api_key";

/** This tab's API key. Undefined while there is none, so that the page asks for one. */
export const apiKey = signal<string | undefined>(undefined);

/** Why the last key did not work. */
export const keyProblem = signal("");

/** Takes this tab's key. A key in the link (`#api_key=…`) takes precedence and is removed from the address bar. */
export function takeKey(): void {
  const linked = new URLSearchParams(location.hash.slice(1)).get("api_key");
  const known = tabStore.read(stored);
  if (linked !== null) {
    if (known !== null && known !== linked) forgetDrafts(); // they may be somebody else's
    tabStore.write(stored, linked);
    history.replaceState(null, "", location.pathname + location.search);
  }
  apiKey.value = tabStore.read(stored) || undefined;
}

export function enterKey(key: string): void {
  tabStore.write(stored, key);
  keyProblem.value = "";
  apiKey.value = key;
}

export function refuseKey(problem: string): void {
  tabStore.remove(stored);
  keyProblem.value = problem;
  apiKey.value = undefined;
}

/** Reloads the page when a link with another key is opened in this tab, since that only changes the hash. */
export function watchLinks(): void {
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#api_key=")) location.reload();
  });
}
