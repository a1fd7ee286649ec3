import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Problem } from "../../graphs/front-matter.ts";
import { type PromptFile, parsePrompt, promptHash, promptProblems, variablesFor } from "../../graphs/prompt.ts";
import { editableSource, plainText, promptPath } from "../../graphs/prompt-source.ts";
import { ChannelError } from "../errors.ts";

/** Of a faulty text, so that a reply stays small. */
const maxProblems = 50;

/** Parses a prompt's text. Throws a ChannelError: `not_found` if no graph uses the name, `invalid_prompt` with the problems and their places. */
export function check(name: string, source: string): PromptFile {
  if (!variablesFor(name)) throw new ChannelError("not_found", "No graph uses a prompt of this name.");
  try {
    return parsePrompt(name, source);
  } catch (error) {
    const problems = promptProblems(name, source)
      .slice(0, maxProblems)
      .map((problem) => placed(problem, plainText(source)));
    const message = error instanceof Error ? error.message : String(error);
    throw new ChannelError("invalid_prompt", message, { cause: error, details: { problems } });
  }
}

/** A problem with lines and columns from 1; columns count UTF-16 units, and the end is exclusive. */
function placed({ message, from, to }: Problem, source: string) {
  const [start, end] = [placeOf(source, from), placeOf(source, to)];
  return { message, ...start, end_line: end.line, end_column: end.column };
}

function placeOf(source: string, offset: number) {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
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
