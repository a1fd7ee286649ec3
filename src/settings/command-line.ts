import { type ParseArgsConfig, parseArgs } from "node:util";

/** What is wrong with a command line, in one sentence. `fail` ends the program with exit code 2. */
export class WrongUse extends Error {}

/**
 * Reads a command line like `parseArgs`. `--help` prints `usage` and ends the program. What the command does not know throws `WrongUse`.
 */
export function commandLine<Config extends ParseArgsConfig>(usage: string, config: Config) {
  const words = config.args ?? process.argv.slice(2);
  const options = words.slice(0, [...words, "--"].indexOf("--"));
  if (options.some((word) => word === "--help" || word === "-h")) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    return parseArgs({ ...config, args: [...words] });
  } catch (error) {
    const [sentence] = error instanceof Error ? error.message.split(/\.(?:\s|$)/, 1) : [];
    throw new WrongUse(`${sentence}; --help shows what there is.`, { cause: error });
  }
}

/** Ends a program that failed, with the error's message. */
export function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(error instanceof WrongUse ? 2 : 1);
}
