import pg from "pg";

/** What a failed statement means for its write. */
export type Failure =
  /** The server, or the way to it, is not usable right now. The connection is given up. */
  | "unavailable"
  /** Another transaction was in the way: try again. */
  | "conflict"
  /** A pooler gave the connection another session, so that the names of prepared statements mean nothing. */
  | "foreign session"
  /** The schema has changed since the statement was prepared. */
  | "stale plan"
  /** A defect of the program. */
  | "defect";

/** Serialization, deadlocks, and locks that took too long. */
const conflicts = new Set(["40001", "40P01", "55P03"]);

/** Idle for too long in a transaction, and read-only since a failover. */
const unavailable = new Set(["25P03", "25P04", "25006"]);

/** Connection exceptions, refused logins, insufficient resources, ends and starts of the server, system errors, and what poolers say. */
const unavailableClasses = ["08", "28", "3D", "53", "57", "58", "XX"];

export function failureOf(error: unknown): Failure {
  // pg has no class of its own for a connection that failed: whatever is no answer of the server is one.
  if (!(error instanceof pg.DatabaseError) || error.code === undefined)
    return isOfConnection(error) ? "unavailable" : "defect";
  const { code } = error;
  if (conflicts.has(code)) return "conflict";
  if (code === "26000" || code === "42P05") return "foreign session";
  if (code === "0A000" && error.routine === "RevalidateCachedQuery") return "stale plan";
  return unavailable.has(code) || unavailableClasses.some((start) => code.startsWith(start)) ? "unavailable" : "defect";
}

/** Whether the server may have received a statement without its answer having arrived. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return isOfConnection(error);
  return error.code?.startsWith("57P") || error.code?.startsWith("08") || false;
}

/** Whether a connection was given up because no answer came. */
export function isSilent(error: unknown): boolean {
  return error instanceof Error && error.message === "Query read timeout";
}

/** Takes out what a log must not contain: parts of rows. */
export function withoutContent(error: unknown): void {
  if (error instanceof pg.DatabaseError)
    Object.assign(error, { detail: undefined, where: undefined, internalQuery: undefined });
}

/** Of pg, for which it has no code. */
const messages = [
  /^Connection terminated/,
  /^Client (?:has encountered a connection error|was closed)/,
  /^timeout exceeded when trying to connect/,
  /^Query read timeout/,
  /^timeout expired/,
  /^The server does not support SSL connections/,
];

/** The codes of Node's sockets and certificates are in capitals, which those of the program's own errors are not. */
function isOfConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]+$/.test(error.code)) return true;
  return messages.some((message) => message.test(error.message));
}
