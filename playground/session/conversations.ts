import { batch, signal } from "@preact/signals";
import type { TurnState } from "conversation-channel-client";

import { addressOf, idInAddress, randomId } from "./address.ts";
import { attachAgain } from "./attached.ts";
import { areDraftsAtRisk, draftOf, keepDraft } from "./drafts.ts";
import { edited, editedTurn, stopEditing, unsavedEdit } from "./editing.ts";
import { notice } from "./notice.ts";
import { type OpenConversation, openConversation } from "./open-conversation.ts";
import { toEnd } from "./scrolling.ts";
import { socket } from "./socket.ts";
import { tabStore } from "./storage.ts";
import { closeWorkbench, openWorkbench } from "./workbench-link.ts";

/** The conversation on the page. */
export const current = signal<OpenConversation | undefined>(undefined);

/** What is in the message field. */
export const draft = signal("");

const waitsElsewhere = "A message in another conversation is not sent yet. It is sent when the connection is back.";

/** Shows the conversation in the page's address. */
export function followAddress(): void {
  const { id, isNew } = idInAddress();
  enter(id, isNew);
}

/** Shows a conversation that has no history to wait for. */
export function begin(): void {
  const id = randomId();
  history.pushState(null, "", addressOf(id));
  enter(id, true);
}

/** Shows another conversation, without loading the page again. */
export function goTo(id: string): void {
  if (id === current.value?.id) return;
  history.pushState(null, "", addressOf(id));
  enter(id, false);
}

function enter(id: string, isNew: boolean): void {
  saveDraft();
  const before = current.peek();
  const isUnsent = before !== undefined && before.outline.peek().unsent.length > 0 && !socket.isConnected();
  closeWorkbench();
  before?.conversation.leave(); // the client goes on sending what was not confirmed
  const opened = openConversation(id, isNew);
  batch(() => {
    stopEditing();
    draft.value = draftOf(id);
    notice.value = isUnsent ? waitsElsewhere : "";
    current.value = opened;
  });
  toEnd();
  takeBackRefused(opened);
  opened.conversation.store.outline.subscribe(() => takeBackRefused(opened));
  opened.conversation.joined.then(
    () => current.value === opened && openWorkbench(socket, id),
    () => {}, // the outline's connection says why
  );
}

/** Puts messages that the server refuses back into the field or the editor. */
function takeBackRefused(of: OpenConversation): void {
  if (of !== current.peek()) return;
  const { store } = of.conversation;
  for (const key of store.outline.getSnapshot().turnKeys.slice(-20)) {
    const turn = of.turnNow(key);
    if (turn?.status !== "refused") continue;
    store.dismiss(key);
    takeBack(turn);
  }
}

function takeBack({ query, attachments = [], replaces, error }: TurnState): void {
  const why = error?.message ?? "The server refused this message.";
  if (replaces !== undefined && editedTurn.value === replaces) edited.value = { ...edited.value, problem: why };
  else notice.value = why;
  if (replaces !== undefined) return;
  draft.value = [query, draft.value].filter(Boolean).join("\n\n");
  attachAgain(attachments);
}

function saveDraft(): void {
  const open = current.value;
  if (open) keepDraft(open.id, [draft.value.trim(), unsavedEdit()].filter(Boolean).join("\n\n"));
}

/** Saves drafts when the page is hidden, left or reloaded. */
export function keepDrafts(): void {
  addEventListener("pagehide", saveDraft);
  document.addEventListener("visibilitychange", saveDraft);
  addEventListener("beforeunload", (event) => {
    saveDraft();
    const unsent = current.value?.outline.value.unsent.length ?? 0;
    if (areDraftsAtRisk() || (unsent > 0 && !tabStore.write("probe", ""))) event.preventDefault(); // the browser asks whether to leave
  });
  addEventListener("popstate", followAddress);
}
