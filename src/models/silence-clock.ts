/** How many limits of silence a server may fill with signs of life that say nothing. */
const signsOfLife = 4;

/** Aborts its signal after a period of silence, or when the outer signal aborts. */
export interface SilenceClock {
  readonly signal: AbortSignal;
  /** True if silence was the reason for the abort. */
  readonly silent: boolean;
  /** The model said something. Restarts the timer, with a new limit if one is given. */
  reset(limitMs?: number): void;
  /** The server sent something that says nothing. Restarts the timer, but only up to four limits after the last `reset`. */
  touch(): void;
  /** Stops the timer. Aborts the signal unless the reply is complete. */
  stop(isComplete: boolean): void;
}

export function silenceClock(limitMs: number, outer?: AbortSignal): SilenceClock {
  const controller = new AbortController();
  let silent = false;
  let lastMs = performance.now();
  /** The limit of the timer that runs. */
  let setMs = limitMs;
  const onSilence = () => {
    silent = true;
    controller.abort(new Error("silence"));
  };
  let timer = setTimeout(onSilence, limitMs);
  const restart = (newLimitMs: number) => {
    if (newLimitMs === setMs) return void timer.refresh();
    clearTimeout(timer);
    timer = setTimeout(onSilence, newLimitMs);
    setMs = newLimitMs;
  };
  const abort = () => controller.abort(outer?.reason);
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    get silent() {
      return silent;
    },
    reset(newLimitMs = limitMs) {
      lastMs = performance.now();
      restart(newLimitMs);
    },
    touch() {
      const leftMs = lastMs + signsOfLife * limitMs - performance.now();
      restart(Math.max(1, Math.min(limitMs, Math.ceil(leftMs))));
    },
    stop(isComplete) {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
      if (!isComplete) controller.abort();
    },
  };
}
