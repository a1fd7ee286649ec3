/** Aborts its signal when nobody has said anything for so long, or when the outer signal aborts. */
export interface SilenceClock {
  readonly signal: AbortSignal;
  /** True when it was the silence that aborted. */
  readonly silent: boolean;
  /** Something was heard: the time begins anew, with another limit where one is given. */
  heard(limitMs?: number): void;
  /** Ends the clock; the signal aborts unless all is well and what it guards may go on. */
  stop(isWell: boolean): void;
}

export function silenceClock(limitMs: number, outer?: AbortSignal): SilenceClock {
  const controller = new AbortController();
  let silent = false;
  const fallSilent = () => {
    silent = true;
    controller.abort(new Error("silence"));
  };
  let timer = setTimeout(fallSilent, limitMs);
  const abort = () => controller.abort(outer?.reason);
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    get silent() {
      return silent;
    },
    heard(otherLimitMs) {
      if (otherLimitMs === undefined) return void timer.refresh();
      clearTimeout(timer);
      timer = setTimeout(fallSilent, otherLimitMs);
    },
    stop(isWell) {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
      if (!isWell) controller.abort();
    },
  };
}
