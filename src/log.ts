import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

export type Log = Logger;

/** JSON lines on stdout, pretty on a terminal. Callers log ids and numbers: never keys, tokens or message content. */
export function logger(level: string): Log {
  const options = { level, base: null, redact: ["*.api_key", "*.token", "*.authToken", "*.authorization"] };
  return process.stdout.isTTY ? pino(options, pretty({ ignore: "pid,hostname" })) : pino(options);
}
