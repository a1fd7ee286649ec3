import { readObject } from "../parts/json-object.ts";
import { tabStore } from "./storage.ts";

const stored = "drafts";
let isKept = true;

/** Unsent text of each conversation. Kept as long as the tab, like the API key. */
export function draftOf(id: string): string {
  const draft = all()[id];
  return typeof draft === "string" ? draft : "";
}

export function keepDraft(id: string, draft: string): void {
  if (draft === draftOf(id)) return;
  const { [id]: _before, ...others } = all();
  isKept = tabStore.write(stored, JSON.stringify(draft === "" ? others : { ...others, [id]: draft }));
}

/** True if leaving the page would lose a draft, because the browser blocks storage. */
export function areDraftsAtRisk(): boolean {
  return !isKept && Object.keys(all()).length > 0;
}

/** Call when the tab gets another user's key. */
export function forgetDrafts(): void {
  tabStore.remove(stored);
}

function all(): Record<string, unknown> {
  return readObject(tabStore.read(stored) ?? "") ?? {};
}
