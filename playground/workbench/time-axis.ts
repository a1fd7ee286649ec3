import type { Run } from "./data/run-log.ts";

/** A part of the time that a turn took. `from` and `to` are shares of it, from 0 to 1. */
export interface Bar {
  run: Run;
  from: number;
  to: number;
  /** Since the turn's start. */
  startMs: number;
}

export interface TimeAxis {
  totalMs: number;
  ticks: { at: number; words: string }[];
  /** As a share of the whole. */
  firstWord: number | undefined;
  barOf: (run: Run) => Bar;
}

const minTotalMs = 1;
const steps = [1, 2, 5];

/** What is known of a turn after its end. */
export interface Known {
  /** When it began, on the server's clock. */
  startedAt?: number;
  firstWordMs: number | null;
}

/** The axis of a turn's runs, from its start on if that is known. `now` is the page's clock: what runs reaches to it. */
export function timeAxis(runs: readonly Run[], now: number, { startedAt, firstWordMs }: Known): TimeAxis {
  const latest = runs.toSorted((one, other) => one.at - other.at).at(-1); // its start was heard of without delay
  const start = Math.min(startedAt ?? Number.POSITIVE_INFINITY, ...runs.map(({ at }) => at));
  const elapsed = latest ? now - latest.heardAt + latest.at - start : 0;
  const endOf = ({ at, ms }: Run) => at - start + (ms ?? Math.max(0, elapsed - (at - start)));
  const totalMs = Math.max(minTotalMs, firstWordMs ?? 0, ...runs.map(endOf));
  const share = (ms: number) => Math.min(1, ms / totalMs);
  return {
    totalMs,
    ticks: ticksOf(totalMs).map((ms) => ({ words: tickWords(ms), at: share(ms) })),
    firstWord: firstWordMs === null ? undefined : share(firstWordMs),
    barOf: (run) => ({ run, startMs: run.at - start, from: share(run.at - start), to: share(endOf(run)) }),
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
