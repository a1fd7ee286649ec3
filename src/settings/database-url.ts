import { z } from "zod";

import { optional } from "./kinds.ts";

/** The setting DATABASE_URL. */
export const databaseUrl = optional.transform((value, context) => {
  if (value !== undefined && /^postgres(?:ql)?:\/\//i.test(value)) return value;
  const found = databasePath(value ?? "sqlite:data/conversations.db");
  if ("path" in found) return `sqlite:${found.path}`;
  context.addIssue({ code: "custom", message: found.problem });
  return z.NEVER;
});

const expected =
  "expected sqlite: and the path of a file, such as sqlite:data/conversations.db, or postgres:// and the address of a server";

/** The path of the SQLite database in a setting; undefined if it is another database. */
export function sqlitePath(databaseUrl: string): string | undefined {
  return databaseUrl.startsWith("sqlite:") ? databaseUrl.slice("sqlite:".length) : undefined;
}

/**
 * The path in the URL of an SQLite database, in the forms that other tools write: `sqlite:path`, `sqlite://path`, `sqlite:///absolute`,
 * `sqlite3:` and `file:` the same, and Windows drives. Returns what is wrong if there is no such path.
 */
export function databasePath(
  url: string,
  platform: NodeJS.Platform = process.platform,
): { path: string } | { problem: string } {
  const [, scheme = "", rest] = /^(sqlite3?|file):(.*)$/is.exec(url) ?? [];
  if (rest === undefined) return { problem: expected };
  if (/:memory:|mode=memory/i.test(rest)) return { problem: `${expected}; one in memory would be lost` };
  if (rest.includes("?")) return { problem: `${expected}, without options after a question mark` };
  const [, drive] = /^\/*([a-z]:[\\/].*)$/i.exec(rest) ?? [];
  if (drive !== undefined && platform !== "win32") return { problem: `${expected}; this machine has no drives` };
  const path = drive ?? withoutAuthority(rest);
  const decoded = scheme.toLowerCase() === "file" && rest.startsWith("//") ? decoding(path) : path;
  if (decoded === "" || /[\\/]$|^\.{1,2}$/.test(decoded)) return { problem: `${expected}, not of a folder` };
  if (decoded.startsWith("~")) return { problem: `${expected}; a shell would replace ~, but not here` };
  if (decoded.slice(drive === undefined ? 0 : 2).includes(":")) return { problem: expected };
  return { path: decoded };
}

/** `//path` is relative, and `///path` is absolute. */
function withoutAuthority(rest: string): string {
  if (rest.startsWith("///")) return rest.replace(/^\/+/, "/");
  return rest.startsWith("//") ? rest.slice(2) : rest;
}

function decoding(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a stray percent sign is part of the name
  }
}
