import { computed } from "@preact/signals";
import type { RequestPart, TurnState } from "conversation-channel-client";

import { current } from "./conversations.ts";

/** What a turn asks and nobody has answered. */
export function openRequests({ parts, status }: TurnState): RequestPart[] {
  if (status !== "waiting" && status !== "running") return [];
  return parts.filter((part): part is RequestPart => part.type === "request" && part.status === "open");
}

/** How many questions of the open conversation wait for a person. */
export const waitingRequests = computed(() => {
  const open = current.value;
  const { running_turn, turnKeys = [] } = open?.outline.value ?? {};
  if (!open || running_turn === undefined) return 0;
  const key = turnKeys.findLast((one) => open.turnNow(one)?.turn_id === running_turn);
  const turn = key === undefined ? undefined : open.turn(key).value;
  return turn ? openRequests(turn).length : 0;
});

/** Moves the focus to the first question. */
export function showRequest(): void {
  document.querySelector<HTMLElement>(".request")?.focus();
}
