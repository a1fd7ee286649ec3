import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

import { assigned, assignments } from "./env-file.ts";
import { readText } from "./text-file.ts";

/** For a file that holds keys. */
const ownerOnly = 0o600;

/**
 * Sets settings in an `.env` file, and makes the file if there is none. All other lines stay as they are. `check` gets the new text; if it
 * throws, nothing is written.
 */
export function editEnvFile(path: string, changes: Record<string, string>, check: (text: string) => void): void {
  const file = existsSync(path) ? realpathSync(path) : path;
  if (existsSync(file) && !statSync(file).isFile()) throw new Error(`${path} is not a regular file.`);
  const before = existsSync(file) ? readText(file) : "";
  const after = withSettings(before, changes);
  if (after === before) return;
  check(after);
  const next = `${file}.next`;
  try {
    writeFileSync(next, after, { mode: existsSync(file) ? statSync(file).mode & 0o777 : ownerOnly });
    renameSync(next, file);
  } finally {
    rmSync(next, { force: true });
  }
}

/** The text with other values. An empty value is written only where the setting has one. Throws if the text would not be read as meant. */
export function withSettings(text: string, changes: Record<string, string>): string {
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  let edited = text.replaceAll("\r\n", "\n");
  for (const [name, value] of Object.entries(changes)) edited = withSetting(edited, name, value);
  if (!saysTheSame(assignments(edited), { ...assignments(text), ...changes })) {
    throw new Error("A line has a quote that is not closed, or a value has all kinds of quotes.");
  }
  return ending === "\n" ? edited : edited.replaceAll("\n", ending);
}

function withSetting(text: string, name: string, value: string): string {
  const last = [...assigned(text)].findLast((one) => one.name === name); // the one that counts
  if (last) return last.value === value ? text : `${text.slice(0, last.from)}${written(value)}${text.slice(last.to)}`;
  if (value === "") return text;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${name}=${written(value)}\n`;
}

function saysTheSame(one: Record<string, string>, other: Record<string, string>): boolean {
  return [...Object.keys(one), ...Object.keys(other)].every((name) => (one[name] ?? "") === (other[name] ?? ""));
}

/** With quotes where the value needs them. */
function written(value: string): string {
  if (/^(?:[^\s"'`#][^\s]*)?$/.test(value)) return value;
  const quote = ["'", "`"].find((one) => !value.includes(one));
  if (quote) return `${quote}${value}${quote}`;
  return `"${value.replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
