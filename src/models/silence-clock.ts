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
  let isStopped = false;
  let lastMs = performance.now();
  /** Until when signs of life count. */
  const deadline = () => lastMs + signsOfLife * limitMs;
  /** The limit of the timer that runs. */
  let setMs = limitMs;
  /** How often the server was heard. */
  let heard = 0;
  // After a busy moment of the process, what has arrived meanwhile is read first.
  const onSilence = () => {
    const before = heard;
    setImmediate(() => {
      if (isStopped || (heard !== before && performance.now() < deadline())) return;
      silent = true;
      controller.abort(new Error("silence"));
    });
  };
  let timer = setTimeout(onSilence, limitMs);
  const restart = (newLimitMs: number) => {
    heard += 1;
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
      const leftMs = Math.ceil(deadline() - performance.now());
      restart(Math.max(1, Math.min(limitMs, leftMs)));
    },
    stop(isComplete) {
      isStopped = true;
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
      if (!isComplete) controller.abort();
    },
  };
}
