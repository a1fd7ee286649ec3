/** Aborts its signal after a period of silence, or when the outer signal aborts. */
export interface SilenceClock {
  readonly signal: AbortSignal;
  /** True if silence was the reason for the abort. */
  readonly silent: boolean;
  /** Restarts the timer, with a new limit if one is given. */
  reset(limitMs?: number): void;
  /** Stops the timer. Aborts the signal unless the reply is complete. */
  stop(isComplete: boolean): void;
}

export function silenceClock(limitMs: number, outer?: AbortSignal): SilenceClock {
  const controller = new AbortController();
  let silent = false;
  const onSilence = () => {
    silent = true;
    controller.abort(new Error("silence"));
  };
  let timer = setTimeout(onSilence, limitMs);
  const abort = () => controller.abort(outer?.reason);
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    get silent() {
      return silent;
    },
    reset(newLimitMs) {
      if (newLimitMs === undefined) return void timer.refresh();
      clearTimeout(timer);
      timer = setTimeout(onSilence, newLimitMs);
    },
    stop(isComplete) {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
      if (!isComplete) controller.abort();
    },
  };
}
