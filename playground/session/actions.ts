import { effect, signal, untracked } from "@preact/signals";
import type { FileFacts } from "conversation-channel-client";

import { randomId } from "./address.ts";
import { attached, isUploading, refusals, takeAttached } from "./attached.ts";
import { current, draft } from "./conversations.ts";
import { edited, editedTurn, stopEditing } from "./editing.ts";
import { engines } from "./engines.ts";
import { notice, report } from "./notice.ts";
import { openPanel } from "./open.ts";
import { joinPreferences } from "./open-conversation.ts";
import { toEnd } from "./scrolling.ts";
import { workbench } from "./workbench-link.ts";

/** The engine and model for the next message. If empty, the router or the server chooses. */
export const chosenEngine = signal("");
export const chosenModel = signal("");
effect(() => {
  const models = workbench.joined.value?.models;
  if (models && !models.includes(chosenModel.peek())) chosenModel.value = ""; // another model was connected
});
effect(() => {
  const isKnown = engines.value.length === 0 || engines.value.includes(chosenEngine.peek());
  if (!isKnown) chosenEngine.value = ""; // its file is gone
});

/** The key of the turn that gets the focus when it appears. */
export const focusedNext = signal<string | undefined>(undefined);

export function ask(content: string, engine = chosenEngine.value, attachments: readonly FileFacts[] = []): void {
  const open = current.value;
  if (!open) return;
  notice.value = "";
  const model = chosenModel.value;
  const turn = open.conversation.ask(content, {
    ...(engine && { options: { engine: engine as "simple" } }), // the server knows its engines
    ...(model && { llm_config: { model } }),
    ...(attachments.length > 0 && { attachments }),
  });
  turn.accepted.catch(() => {}); // the store says why
  toEnd();
}

/** The message is to be sent once its files are uploaded. */
export const isSendWaiting = signal(false);
effect(() => {
  if (isSendWaiting.value && !isUploading()) untracked(send);
});
effect(() => {
  if (refusals.value > 0) isSendWaiting.value = false; // a message without one of its files may make no sense
});

/** Sends the text in the field, with the attached files. */
export function send(): void {
  isSendWaiting.value = isUploading();
  const content = draft.value.trim();
  if (isSendWaiting.value || (!content && attached.value.length === 0)) return;
  draft.value = "";
  openPanel.value = undefined;
  setTyping(false);
  ask(content, chosenEngine.value, takeAttached());
}

export function regenerate(turnId: string): void {
  again(turnId, (id) => current.value?.conversation.regenerate({ turn_id: turnId, id }));
}

export function edit(turnId: string, content: string): void {
  edited.value = { ...edited.value, problem: "" };
  again(turnId, (id) => current.value?.conversation.edit(turnId, content, { id }));
}

function again(turnId: string, begin: (id: string) => { accepted: Promise<unknown> } | undefined): void {
  const id = randomId();
  notice.value = "";
  focusedNext.value = id;
  const accepted = begin(id)?.accepted;
  accepted?.then(
    () => {
      if (editedTurn.value === turnId) stopEditing();
    },
    () => {}, // the store says why
  );
  toEnd();
}

export function stop(): void {
  const running = current.value?.outline.value.running_turn;
  if (running !== undefined) current.value?.conversation.stop(running).catch(report);
}

export function startOver(): void {
  current.value?.conversation.push("new_conversation", {}).catch(report);
}

/** Preferences are join parameters: the conversation is joined again with them. */
export function applyPreferences(): void {
  current.value?.conversation.setPreferences(joinPreferences()).catch(report);
}

/** How often to repeat the typing event. The server ends typing after ten seconds without one. */
const repeatTypingMs = 5_000;
let typingSentAt = Number.NEGATIVE_INFINITY;

/** Best effort: a lost typing event does not matter. */
export function setTyping(isTyping: boolean): void {
  const isDue = performance.now() - typingSentAt > repeatTypingMs;
  if (isTyping !== isDue) return;
  typingSentAt = isTyping ? performance.now() : Number.NEGATIVE_INFINITY;
  const channel = current.value?.conversation.channel;
  if (channel?.state === "joined") channel.push("typing", { typing: isTyping });
}
