import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type PromptFile, parsePrompt, promptHash, variablesFor } from "../../graphs/prompt.ts";
import { editableSource, promptPath } from "../../graphs/prompt-source.ts";
import { ChannelError } from "../errors.ts";

/** Parses a prompt's text. Throws a ChannelError: `not_found` if no graph uses the name, `invalid_prompt` with the problem. */
export function check(name: string, source: string): PromptFile {
  if (!variablesFor(name)) throw new ChannelError("not_found", "No graph uses a prompt of this name.");
  try {
    return parsePrompt(name, source);
  } catch (error) {
    throw new ChannelError("invalid_prompt", error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Writes a prompt file atomically. `was` is the hash of the text that was edited. Throws a ChannelError; see `PromptFolder.save`. */
export function save(folder: string, name: string, source: string, was: string): PromptFile {
  const file = check(name, source);
  const onDisk = editableSource(folder, name);
  if (promptHash(onDisk) !== was) {
    const details = { hash: promptHash(onDisk), source: onDisk };
    throw new ChannelError("edit_conflict", "The file has changed since it was read.", { details });
  }
  const draft = join(folder, `.${name}.${process.pid}.md`);
  const path = promptPath(folder, name);
  try {
    writeFileSync(draft, existsSync(path) ? inFormOf(readFileSync(path, "utf8"), file.source) : file.source);
    renameSync(draft, existsSync(path) ? realpathSync(path) : path); // keeps a symbolic link
  } catch (error) {
    rmSync(draft, { force: true });
    throw new ChannelError("not_allowed", "The prompt folder cannot be written to.", { cause: error });
  }
  return file;
}

/** Gives a plain text another text's byte order mark and, if those are CRLF for the most part, its line endings. */
function inFormOf(other: string, text: string): string {
  const mark = other.startsWith("\uFEFF") ? "\uFEFF" : "";
  const isWindows = other.split("\r\n").length > other.split(/(?<!\r)\n/).length;
  return mark + (isWindows ? text.replaceAll("\n", "\r\n") : text);
}
