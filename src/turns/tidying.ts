import type { Log } from "../telemetry/log.ts";
import type { Afterwards } from "./run-turn.ts";

/** Work beside the turns of one conversation, whose result is written down between two of them. */
export interface Tidying {
  /** Resolves when there is something to finish. */
  ready: Promise<void>;
  isReady(): boolean;
  /** Writes the result down, if there is one. Never throws. */
  finish(): Promise<void>;
  abort(): void;
}

export function tidying(afterwards: Afterwards, sessionId: string, log: Log): Tidying {
  const controller = new AbortController();
  let isReady = false;
  let write: (() => Promise<void>) | undefined;

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!controller.signal.aborted) log.warn({ session_id: sessionId, err: error }, "the memory was not condensed");
    }
  }

  const ready = attempt(async () => {
    write = await afterwards(controller.signal);
  }).finally(() => {
    isReady = true;
  });

  return {
    ready,
    isReady: () => isReady,
    async finish() {
      if (write && !controller.signal.aborted) await attempt(write);
    },
    abort: () => controller.abort(),
  };
}
