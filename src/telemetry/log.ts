import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

export type Log = Logger;

/** JSON lines on stdout, pretty-printed on a terminal. Never log keys, tokens or message content. */
export function logger(level: string): Log {
  const options = { level, base: null, serializers: { err: describeError } };
  const output = pino.destination(process.stdout.fd);
  output.on("error", ignoreLostLine);
  return pino(options, process.stdout.isTTY ? pretty({ ignore: "pid,hostname", destination: output }) : output);
}

/** Nobody reads the log any more, or the disk that it is on is full. The server is worth more. */
function ignoreLostLine(): void {}

/** Without causes and other properties, because those of libraries may contain keys or content. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack } = error;
  return { type: name, message, stack, ...("code" in error && { code: error.code }) };
}
