import { watch } from "node:fs";

import { loadPrompts, type PromptSet } from "../graphs/prompt.ts";
import type { Log } from "./log.ts";

/** Editors save in several steps: a change is read when the folder has been still for so long, in ms. */
const settleMs = 50;

export interface PromptFolder {
  /** The prompts as they are now; a turn keeps the set that it began with. */
  current(): PromptSet;
  close(): void;
}

/** Reads the folder now (and throws when it is faulty), and again whenever a file changes; a faulty change is logged and not used. */
export function promptFolder(folder: string, log: Log): PromptFolder {
  let prompts = firstPrompts(folder);
  let timer: NodeJS.Timeout | undefined;

  function reload(): void {
    try {
      prompts = loadPrompts(folder);
      log.info({ prompts: prompts.size }, "prompts reloaded");
    } catch (error) {
      log.error({ err: error }, "the changed prompts are faulty: the last good ones stay in use");
    }
  }

  const watcher = watch(folder, () => {
    clearTimeout(timer);
    timer = setTimeout(reload, settleMs);
  });
  watcher.on("error", (error) => log.warn({ err: error }, "the prompt folder is not watched any more"));
  return {
    current: () => prompts,
    close() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}

function firstPrompts(folder: string): PromptSet {
  try {
    return loadPrompts(folder);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`PROMPTS_DIR: expected a folder of sound prompt files: ${message}`, { cause: error });
  }
}
