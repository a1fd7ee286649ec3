import { statSync } from "node:fs";

import {
  type PromptFile,
  type PromptSet,
  parsePrompt,
  promptNames,
  promptPath,
  promptSource,
} from "../../graphs/prompt.ts";
import type { Log } from "../telemetry/log.ts";
import { listeners } from "./listeners.ts";
import { save } from "./save-prompt.ts";
import { watchFolder } from "./watch.ts";

/** Editors save in several steps: a file that was written to within so many ms is read a little later, ... */
const settledMs = 30;

/** ... but no more than so often, for somebody may write without end. */
const mostPostponements = 4;

/** A prompt's file as it is on disk. With a `fault` its last good version is in use. */
export interface PromptOnDisk {
  name: string;
  source: string;
  /** The version in use; undefined when there was never a good one. */
  used: PromptFile | undefined;
  fault: string | null;
}

export interface PromptFolder {
  /** The prompts as they are now; a turn keeps the set that it began with. */
  current(): PromptSet;
  files(): PromptOnDisk[];
  /**
   * Puts a sound text in the place of the file whose text had the hash `was`, and into use. Throws a ChannelError:
   * `invalid_prompt`, `edit_conflict` when the file has changed meanwhile, `not_allowed` when the folder cannot be written to.
   */
  save(name: string, source: string, was: string): PromptFile;
  /** Reads and checks every file again now: the graphs may use other prompts, or other variables. */
  reload(): void;
  /** Calls back whenever a file changed or broke; returns what ends that. */
  watch(changed: () => void): () => void;
  close(): void;
}

/** Reads the folder now (and throws when it is faulty), and again whenever a file changes; of a file that broke, the last good version stays in use. */
export function promptFolder(folder: string, log: Log): PromptFolder {
  let files = new Map(firstFiles(folder).map((file) => [file.name, file]));
  let prompts = inUse(files);
  let timer: NodeJS.Timeout | undefined;
  const watching = listeners(log);

  function reload(isAnew = false): void {
    clearTimeout(timer);
    timer = undefined;
    const before = files;
    try {
      files = new Map(promptNames(folder).map((name) => [name, read(folder, name, before.get(name), isAnew)]));
    } catch (error) {
      log.error({ err: error }, "the prompt folder cannot be read: the last good prompts stay in use");
      return;
    }
    const changed = [...files.values()].filter((file) => !isSame(file, before.get(file.name)));
    if (changed.length === 0 && files.size === before.size) return;
    prompts = inUse(files);
    for (const { name, fault } of changed) {
      if (fault === null) log.info({ prompt: name }, "a prompt was read");
      else log.error({ prompt: name, fault }, "a changed prompt is faulty: its last good version stays in use");
    }
    watching.tell();
  }

  function soon(postponements = 0): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      const isSettled = postponements >= mostPostponements || [...files.keys()].every((name) => settled(folder, name));
      if (isSettled) reload();
      else soon(postponements + 1);
    }, settledMs);
  }

  const unwatch = watchFolder(folder, () => soon());
  return {
    current: () => prompts,
    files: () => [...files.values()],
    save(name, source, was) {
      const file = save(folder, name, source, was);
      reload();
      return file;
    },
    reload: () => reload(true),
    watch: watching.add,
    close() {
      clearTimeout(timer);
      unwatch();
    },
  };
}

function firstFiles(folder: string): PromptOnDisk[] {
  try {
    return promptNames(folder).map((name) => {
      const source = promptSource(folder, name);
      return { name, source, used: parsePrompt(name, source), fault: null };
    });
  } catch (error) {
    throw new Error(`PROMPTS_DIR: expected a folder of sound prompt files: ${messageOf(error)}`, { cause: error });
  }
}

/** A file as it is now; what did not change is parsed again only where all is to be read anew. */
function read(folder: string, name: string, before: PromptOnDisk | undefined, isAnew: boolean): PromptOnDisk {
  let source = "";
  try {
    source = promptSource(folder, name);
    if (!isAnew && source === before?.source && before.fault === null) return before;
    return { name, source, used: parsePrompt(name, source), fault: null };
  } catch (error) {
    return { name, source, used: before?.used, fault: messageOf(error) };
  }
}

function isSame(file: PromptOnDisk, before: PromptOnDisk | undefined): boolean {
  return file.source === before?.source && file.fault === before.fault;
}

function inUse(files: ReadonlyMap<string, PromptOnDisk>): PromptSet {
  return new Map([...files.values()].flatMap(({ name, used }) => (used ? [[name, used] as const] : [])));
}

function settled(folder: string, name: string): boolean {
  try {
    return Math.abs(Date.now() - statSync(promptPath(folder, name)).mtimeMs) > settledMs;
  } catch {
    return true; // what is wrong with the file is found out by reading it
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
