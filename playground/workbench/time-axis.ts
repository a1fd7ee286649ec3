import type { Run } from "./data/run.ts";
import { pauses } from "./pauses.ts";

/** A part of the time that a turn took. `from` and `to` are shares of it, from 0 to 1. */
export interface Bar {
  run: Run;
  from: number;
  to: number;
  /** Since the turn's start, without the times in which it waited for a person. */
  startMs: number;
}

export interface TimeAxis {
  /** Without the times in which the turn waited. */
  workMs: number;
  ticks: { at: number; words: string }[];
  /** When the first word of the answer came, and its share of the whole. */
  firstWord: { ms: number; at: number } | undefined;
  barOf: (run: Run) => Bar;
}

const minTotalMs = 1;
const steps = [1, 2, 5];

/** What is known of a turn after its end. */
export interface Known {
  /** When it began, on the server's clock. */
  startedAt?: number;
  /** Without the times in which it waited. */
  firstWordMs: number | null;
}

/**
 * The axis of a turn's runs, from its start on if that is known. `now` is the page's clock: what runs reaches to it. A time in which the turn
 * waited for a person takes little room, however long it was.
 */
export function timeAxis(runs: readonly Run[], now: number, { startedAt, firstWordMs }: Known): TimeAxis {
  const waits = runs.filter(({ kind }) => kind === "wait");
  const others = runs.filter(({ kind }) => kind !== "wait");
  const latest = others.toSorted((one, other) => one.at - other.at).findLast(({ heardAt }) => heardAt > 0); // its start was heard of without delay
  const start = Math.min(startedAt ?? Number.POSITIVE_INFINITY, ...runs.map(({ at }) => at));
  const nowAt = latest ? now - latest.heardAt + latest.at : Date.now();
  const endOf = ({ at, ms }: Run) => (ms === undefined ? Math.max(nowAt, at) : at + ms) - start;
  const clock = pauses(waits.map((run) => ({ from: run.at - start, to: endOf(run) })));
  const workMs = Math.max(minTotalMs, firstWordMs ?? 0, ...runs.map((run) => clock.work(endOf(run))));
  const total = clock.shownAtWork(workMs, workMs);
  const share = (ms: number) => Math.min(1, clock.shown(ms, workMs) / total);
  const shareAtWork = (ms: number) => Math.min(1, clock.shownAtWork(ms, workMs) / total);
  return {
    workMs,
    ticks: ticksOf(workMs).map((ms) => ({ words: tickWords(ms), at: shareAtWork(ms) })),
    firstWord: firstWordMs === null ? undefined : { ms: firstWordMs, at: shareAtWork(firstWordMs) },
    barOf: (run) => ({
      run,
      startMs: clock.work(run.at - start),
      from: share(run.at - start),
      to: share(endOf(run)),
    }),
  };
}

/** Three to six round times, the first one 0. */
function ticksOf(totalMs: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(totalMs));
  const candidates = [magnitude / 10, magnitude].flatMap((power) => steps.map((step) => step * power));
  const step = candidates.find((one) => totalMs / one < 5) ?? magnitude * 10;
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, index) => index * step);
}

function tickWords(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(2))} s`;
}
