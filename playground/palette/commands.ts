import type { TurnState } from "conversation-channel-client";

import { openModelDialog } from "../model-slot.ts";
import { copied } from "../parts/copying.ts";
import { isFramed } from "../second-device.ts";
import { chosenEngine, regenerate, startOver, stop } from "../session/actions.ts";
import { begin, current, goTo } from "../session/conversations.ts";
import { engineName, engines } from "../session/engines.ts";
import { conversations } from "../session/list.ts";
import { notice } from "../session/notice.ts";
import { isHelpOpen, isSecondDeviceOpen, openPanel } from "../session/open.ts";
import { answerMarkdown } from "../session/sources.ts";
import { toggleTheme } from "../session/theme.ts";
import { showRequest, waitingRequests } from "../session/waiting.ts";
import { inspect, isWorkbenchOpen, workbench } from "../session/workbench-link.ts";

export interface Command {
  name: string;
  /** What the palette shows beside the name. */
  kind: string;
  run: () => void;
}

/** The commands that are available at the moment. */
export function commands(): Command[] {
  const last = turns().findLast(({ turn_id }) => turn_id !== undefined);
  const lastId = last?.turn_id;
  const running = current.value?.outline.value.running_turn;
  return [
    command("New conversation", begin),
    ...(waitingRequests.value > 0 ? [command("Answer the question that waits", showRequestLater)] : []),
    ...(running === undefined ? [] : [command("Stop the answer", stop)]),
    ...(last?.text ? [command("Copy the last answer as Markdown", () => copy(answerMarkdown(last)))] : []),
    ...(last ? [command("Copy the conversation as Markdown", () => copy(asMarkdown(turns())))] : []),
    ...(lastId ? [command("Regenerate the last answer", () => regenerate(lastId))] : []),
    ...(lastId && workbench.joined.value ? [command("Inspect the last turn", () => inspect(lastId))] : []),
    ...(workbench.joined.value ? [command("Open or close the workbench", toggleWorkbench)] : []),
    command("Context", () => (openPanel.value = "context")),
    command("Preferences", () => (openPanel.value = "preferences")),
    command("Connect a model", openModelDialog),
    command("Light or dark", toggleTheme),
    ...(isFramed ? [] : [command("Second device", () => (isSecondDeviceOpen.value = !isSecondDeviceOpen.value))]),
    command("Keyboard shortcuts", () => (isHelpOpen.value = true)),
    command("Start over: clear this conversation", startOver),
    ...["", ...engines.value].map((type) => ({
      name: `Engine: ${type ? engineName(type) : "automatic"}`,
      kind: "engine",
      run: () => (chosenEngine.value = type),
    })),
    ...conversations.value.map(({ conversation_id, title }) => ({
      name: title || "No messages yet",
      kind: "conversation",
      run: () => goTo(conversation_id),
    })),
  ];
}

function command(name: string, run: () => unknown): Command {
  return { name, kind: "", run: () => void run() };
}

function turns(): TurnState[] {
  const open = current.value;
  return open?.outline.value.turnKeys.flatMap((key) => open.turnNow(key) ?? []) ?? [];
}

function asMarkdown(all: TurnState[]): string {
  const quoted = (query: string) =>
    query
      .split("\n")
      .map((line) => `> ${line}`.trimEnd())
      .join("\n");
  return all.map((turn) => `${quoted(turn.query)}\n\n${answerMarkdown(turn)}`).join("\n\n---\n\n");
}

/** The palette first gives the focus back. */
function showRequestLater(): void {
  requestAnimationFrame(showRequest);
}

async function copy(text: string): Promise<void> {
  notice.value = (await copied(text)) ? "" : "The browser does not allow copying.";
}

function toggleWorkbench(): void {
  isWorkbenchOpen.value = !isWorkbenchOpen.value;
}

/** The commands whose names contain all the words. Names that start with the first word come first. */
export function matching(all: Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  const first = words[0] ?? "";
  const rank = ({ name }: Command) => (name.toLowerCase().startsWith(first) ? 0 : 1);
  return found.toSorted((one, other) => rank(one) - rank(other));
}
