import { computed, effect, signal } from "@preact/signals";

import type { TurnRecord } from "../../../src/workbench/wire/turns.ts";
import { current } from "../../session/conversations.ts";
import { workbench } from "../../session/workbench-link.ts";
import { runLog } from "./run-log.ts";

const over = ["completed", "stopped", "failed"];

const turnKeys = computed(() => current.value?.outline.value.turnKeys ?? []);
const latestKey = computed(() => turnKeys.value.at(-1));
const latestId = computed(() => (latestKey.value && current.value?.turn(latestKey.value).value?.turn_id) || undefined);
const chosenId = signal<string | undefined>(undefined);
const shownId = computed(() => chosenId.value ?? latestId.value);
const shownKey = computed(() =>
  shownId.value === latestId.value
    ? latestKey.value
    : turnKeys.value.find((key) => current.value?.turnNow(key)?.turn_id === shownId.value),
);
const status = computed(() => (shownKey.value && current.value?.turn(shownKey.value).value?.status) || undefined);
const phase = computed(() => {
  if (over.includes(status.value ?? "")) return "over";
  return status.value === "waiting" ? "waiting" : "running";
});

export interface ShownTurn {
  id: string;
  /** `waiting`: for a person. */
  phase: "running" | "waiting" | "over";
}

/** The turn that the panel shows: the chosen one, or the latest as soon as there is a later one. */
export const shownTurn = computed((): ShownTurn | undefined =>
  shownId.value === undefined ? undefined : { id: shownId.value, phase: phase.value },
);

export function showTurn(turnId: string): void {
  chosenId.value = turnId;
}

let before = latestKey.peek();
effect(() => {
  if (latestKey.value === before) return;
  before = latestKey.value;
  chosenId.value = undefined;
});

/** The record of a turn that is over, or why there is none. */
interface Loaded {
  record?: TurnRecord;
  problem?: string;
}

/** Of the shown turn. */
export const loaded = signal<Loaded>({});

/** The latest record of the shown turn, also while it runs or waits. */
export const soFar = signal<TurnRecord | undefined>(undefined);

effect(() => {
  const shown = shownTurn.value;
  let isCurrent = true;
  if (loaded.peek().record?.turn.turn_id !== shown?.id) loaded.value = {};
  if (soFar.peek()?.turn.turn_id !== shown?.id) soFar.value = undefined;
  if (!workbench.joined.value || !shown) return;
  const { id, phase } = shown;
  workbench.push<TurnRecord>("get_turn", { turn_id: id }).then(
    (record) => {
      if (!isCurrent) return;
      runLog.take(id, record.runs);
      soFar.value = record;
      if (phase === "over") loaded.value = { record };
    },
    ({ message }: Error) => {
      if (isCurrent && phase === "over") loaded.value = { problem: message };
    },
  );
  return () => {
    isCurrent = false;
  };
});
