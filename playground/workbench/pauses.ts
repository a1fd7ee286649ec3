/** A time in ms since the start. */
interface Pause {
  from: number;
  to: number;
}

/** The room that a pause takes at most, as a share of the time without pauses. */
const maxShare = 0.12;

/** Converts times of a turn that has paused. `shown`: on an axis for so much work, where each pause takes little room. */
export function pauses(all: readonly Pause[]) {
  const sorted = all.filter(({ from, to }) => to > from).toSorted((one, other) => one.from - other.from);
  const until = ({ from, to }: Pause, ms: number) => Math.min(Math.max(ms, from), to) - from;
  const paused = (ms: number) => sorted.reduce((sum, pause) => sum + until(pause, ms), 0);
  const room = ({ from, to }: Pause, workMs: number) => Math.min(to - from, workMs * maxShare);
  const work = (ms: number) => ms - paused(ms);
  return {
    work,
    shown: (ms: number, workMs: number) =>
      sorted.reduce((sum, pause) => {
        const share = until(pause, ms) / (pause.to - pause.from);
        return sum + share * room(pause, workMs);
      }, work(ms)),
    /** Where a time of work is, after the pauses that begin before it or with it. */
    shownAtWork: (workedMs: number, workMs: number) =>
      sorted.reduce((sum, pause) => (work(pause.from) <= workedMs ? sum + room(pause, workMs) : sum), workedMs),
  };
}
