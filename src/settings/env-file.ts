import { existsSync } from "node:fs";

import { readingProblem, readText } from "./text-file.ts";

/** A line with a setting: `NAME=value` or `export NAME=value`. A quoted value may contain line breaks. */
const assignment =
  /^[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*=[^\S\n]*(?:"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'|`([^`]*)`)?([^\n]*)$/gm;

/**
 * Reads the settings in an `.env` file; none if there is no such file. A `#` begins a comment at the start of a line or after a space, so that
 * keys may contain one. Throws an Error that names the file if it cannot be read.
 */
export function envFile(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  try {
    return assignments(readText(path));
  } catch (error) {
    const hint = "Docker makes a folder of a mounted file that does not exist";
    const problem = readingProblem(error);
    throw new Error(`${path} cannot be read: ${problem === "it is a folder" ? `${problem}. ${hint}` : problem}.`, {
      cause: error,
    });
  }
}

export function assignments(file: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const { name, value } of assigned(file.replaceAll("\r\n", "\n"))) settings[name] = value;
  return settings;
}

interface Assigned {
  name: string;
  value: string;
  /** Where the value begins in the text, behind the `=`, and where it ends: before a comment. */
  from: number;
  to: number;
}

/** The settings in a text whose lines end with `\n`, in order. */
export function* assigned(text: string): Generator<Assigned> {
  const pattern = new RegExp(assignment);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [whole, name = "", double, single, backtick, rest = ""] = match;
    const from = match.index + whole.indexOf("=") + 1;
    const quoted = double === undefined ? (single ?? backtick) : unescaped(double);
    if (quoted !== undefined && /^\s*(?:#.*)?$/.test(rest)) {
      yield { name, value: quoted, from, to: match.index + whole.length - rest.length };
    } else {
      const [line = ""] = whole.split("\n", 1);
      const raw = line.slice(line.indexOf("=") + 1);
      yield { name, value: withoutComment(raw), from, to: from + raw.replace(/(?:^|\s)#.*$/, "").trimEnd().length };
      pattern.lastIndex = match.index + line.length;
    }
  }
}

function unescaped(text: string): string {
  return text.replaceAll("\\n", "\n").replaceAll("\\r", "\r").replaceAll('\\"', '"');
}

function withoutComment(text: string): string {
  return text.replace(/(?:^|\s)#.*$/, "").trim();
}
