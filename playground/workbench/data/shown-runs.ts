import { recordedCalls, recordedWaits } from "./recorded-runs.ts";
import type { Run } from "./run.ts";
import { runLog } from "./run-log.ts";
import { loaded, soFar } from "./turn.ts";

/** Everything that ran in a turn or replay. The record of a turn has its waits and, after its end, all tool calls. */
export function runsOf(key: string | undefined): readonly Run[] {
  const heard = runLog.of(key);
  const record = soFar.value;
  if (!record || record.turn.turn_id !== key) return heard;
  const isOver = loaded.value.record === record;
  const own = isOver ? heard.filter(({ kind }) => kind !== "tool") : heard;
  return [...own, ...(isOver ? recordedCalls(record) : []), ...recordedWaits(record)];
}
