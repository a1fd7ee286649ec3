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
  const text = file.replaceAll("\r\n", "\n");
  const pattern = new RegExp(assignment);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [whole, name = "", double, single, backtick, rest = ""] = match;
    const quoted = double === undefined ? (single ?? backtick) : unescaped(double);
    if (quoted !== undefined && /^\s*(?:#.*)?$/.test(rest)) settings[name] = quoted;
    else {
      const [line = ""] = whole.split("\n", 1);
      settings[name] = withoutComment(line.slice(line.indexOf("=") + 1));
      pattern.lastIndex = match.index + line.length;
    }
  }
  return settings;
}

function unescaped(text: string): string {
  return text.replaceAll("\\n", "\n").replaceAll("\\r", "\r").replaceAll('\\"', '"');
}

function withoutComment(text: string): string {
  return text.replace(/(?:^|\s)#.*$/, "").trim();
}
