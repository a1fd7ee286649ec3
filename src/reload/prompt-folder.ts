import { statSync } from "node:fs";

import { type PromptFile, type PromptSet, parsePrompt, promptNames } from "../../graphs/prompt.ts";
import { editableSource, promptPath, promptSource } from "../../graphs/prompt-source.ts";
import type { Log } from "../telemetry/log.ts";
import { listeners } from "./listeners.ts";
import { save } from "./save-prompt.ts";
import { watchFolder } from "./watch.ts";

/** Editors save in several steps, so a file is read only when it was not written to for this long. */
const settledMs = 30;

/** Then the file is read anyway. */
const maxPostponements = 4;

/** A prompt file as it is on disk. If it has a `fault`, its last valid version is in use. */
export interface PromptOnDisk {
  name: string;
  /** Its plain text: see `plainText`. */
  source: string;
  /** The version in use; undefined if there was never a valid one. */
  used: PromptFile | undefined;
  fault: string | null;
}

export interface PromptFolder {
  /** The current prompts. A running turn keeps the set that it started with. */
  current(): PromptSet;
  files(): PromptOnDisk[];
  /**
   * Writes a prompt file and uses it. Its line endings and byte order mark stay as they are. `was` is the hash of the text that was edited.
   * Throws a ChannelError: `invalid_prompt`, `edit_conflict` if the file has changed since, `not_allowed` if the folder is not writable.
   */
  save(name: string, source: string, was: string): PromptFile;
  /** Reads and checks all files again, because the graphs may declare other prompts or variables now. */
  reload(): void;
  /** Calls back whenever a file changes, valid or not. Returns a function that ends this. */
  watch(changed: () => void): () => void;
  close(): void;
}

/**
 * Reads the files of the prompts that graphs use, and each again when it changes. Throws if one is invalid at the start; later, its last
 * valid version stays in use. Those that are not `isUsed` do not matter.
 */
export function promptFolder(folder: string, log: Log, isUsed: (name: string) => boolean = () => true): PromptFolder {
  const names = () => promptNames().filter(isUsed);
  let files = new Map(firstFiles(folder, names()).map((file) => [file.name, file]));
  let prompts = inUse(files);
  let timer: NodeJS.Timeout | undefined;
  const watchers = listeners(log);

  function reload(force = false): void {
    clearTimeout(timer);
    timer = undefined;
    const before = files;
    try {
      files = new Map(names().map((name) => [name, read(folder, name, before.get(name), force)]));
    } catch (error) {
      log.error({ err: error }, "the prompt folder cannot be read; the last valid prompts stay in use");
      return;
    }
    const changed = [...files.values()].filter((file) => !isSame(file, before.get(file.name)));
    if (changed.length === 0 && files.size === before.size) return;
    prompts = inUse(files);
    for (const { name, fault } of changed) {
      if (fault === null) log.info({ prompt: name }, "prompt reloaded");
      else log.error({ prompt: name, fault }, "a prompt is invalid; its last valid version stays in use");
    }
    watchers.notify();
  }

  function scheduleReload(postponements = 0): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      const isSettled = postponements >= maxPostponements || [...files.keys()].every((name) => settled(folder, name));
      if (isSettled) reload();
      else scheduleReload(postponements + 1);
    }, settledMs);
  }

  const unwatch = watchFolder(folder, () => scheduleReload());
  return {
    current: () => prompts,
    files: () => [...files.values()],
    save(name, source, was) {
      const file = save(folder, name, source, was);
      reload();
      return file;
    },
    reload: () => reload(true),
    watch: watchers.add,
    close() {
      clearTimeout(timer);
      unwatch();
    },
  };
}

function firstFiles(folder: string, names: readonly string[]): PromptOnDisk[] {
  try {
    return names.map((name) => {
      const source = promptSource(folder, name);
      return { name, source, used: parsePrompt(name, source), fault: null };
    });
  } catch (error) {
    throw new Error(`PROMPTS_DIR: expected a folder of valid prompt files: ${messageOf(error)}`, { cause: error });
  }
}

/** Reads a file. An unchanged one is parsed again only with `force`. */
function read(folder: string, name: string, before: PromptOnDisk | undefined, force: boolean): PromptOnDisk {
  try {
    const source = promptSource(folder, name);
    if (!force && source === before?.source && before.fault === null) return before;
    return { name, source, used: parsePrompt(name, source), fault: null };
  } catch (error) {
    return { name, source: editableSource(folder, name), used: before?.used, fault: messageOf(error) };
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
    return true; // reading the file will report the error
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
