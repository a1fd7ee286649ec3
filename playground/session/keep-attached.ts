import { effect } from "@preact/signals";
import type { FileFacts } from "conversation-channel-client";

import { readObject } from "../parts/json-object.ts";
import { attached, attachInstead } from "./attached.ts";
import { current } from "./conversations.ts";
import { tabStore } from "./storage.ts";

const stored = "attached";

/** Uploaded files of each conversation's next message. */
function all(): Record<string, FileFacts[]> {
  return (readObject(tabStore.read(stored) ?? "") ?? {}) as Record<string, FileFacts[]>; // only this page writes it
}

/** Keeps the uploaded files of a message that is not sent yet, as long as the tab, like its text. */
export function keepAttached(): void {
  let shown: string | undefined;
  effect(() => {
    const id = current.value?.id;
    if (id === undefined || id === shown) return;
    const files = all()[id] ?? [];
    shown = undefined; // these files are not the new conversation's
    attachInstead(files);
    shown = id;
  });
  effect(() => {
    const files = attached.value.flatMap(({ facts }) => facts ?? []);
    if (shown === undefined) return;
    const { [shown]: before, ...others } = all();
    if (files.length === 0 && before === undefined) return;
    tabStore.write(stored, JSON.stringify(files.length > 0 ? { ...others, [shown]: files } : others));
  });
}
