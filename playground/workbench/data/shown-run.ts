import { computed, effect, signal } from "@preact/signals";

import { runLog } from "./run-log.ts";
import { shownTurn } from "./turn.ts";

/** What the graph shows: the selected turn, or a turn or replay that started after the selection. */
export const shownRun = signal(shownTurn.peek()?.id);

const shownId = computed(() => shownTurn.value?.id);
effect(() => {
  shownRun.value = shownId.value;
});
runLog.onBegin((key, _run, isFirst) => {
  if (isFirst) shownRun.value = key;
});
