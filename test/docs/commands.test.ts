import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";

import packageJson from "../../package.json" with { type: "json" };
import { Settings } from "../../src/config.ts";
import { some } from "../support/size.ts";
import { inherited } from "../support/spawned.ts";
import { type Snippet, snippets } from "./snippets.ts";

/** Variables that are not the server's own: of providers' packages, and of LangSmith. */
const others = /^(LANGSMITH_|OTEL_|ANTHROPIC_API_KEY$|GOOGLE_API_KEY$)/;

interface Command {
  name: string;
  variables: string[];
  script: string;
  words: string[];
}

/** The commands of a snippet that call a script or a program of this project. */
function commandsOf({ name, code }: Snippet): Command[] {
  const lines = code.replaceAll(/\\\n\s*/g, "").split("\n");
  return lines.flatMap((line) => {
    const [command = ""] = line.split(/\s#|\s>>?\s|; /);
    return command.split("&&").flatMap((part) => {
      const found = /^((?:\w+=\S+ +)*)npm (?:run )?(?:-s )?([\w:]+)(?: -- (.*))?$/.exec(part.trim());
      const [, variables = "", script = "", words = ""] = found ?? [];
      if (!found || !(script in packageJson.scripts)) return [];
      const names = [...variables.matchAll(/(\w+)=/g)].map(([, variable = ""]) => variable);
      return [{ name: `${name}: ${part.trim()}`, variables: names, script, words: split(words) }];
    });
  });
}

/** As a shell splits simple words and quotes. */
function split(words: string): string[] {
  return [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

const usages = new Map<string, Promise<string>>();

/** What a script's `--help` prints. */
function usageOf(script: string): Promise<string> {
  const known = usages.get(script);
  if (known) return known;
  const [, ...words] = packageJson.scripts[script as keyof typeof packageJson.scripts].split(" ");
  const child = spawn(process.execPath, [...words, "--help"], {
    env: inherited(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const usage = Promise.all([text(child.stdout), once(child, "exit")]).then(([out]) => out);
  usages.set(script, usage);
  return usage;
}

const commands = snippets("sh").flatMap(commandsOf);

/** Scripts whose options the documents show. Each takes a second to print its usage. */
const withOptions = new Set(commands.filter(({ words }) => optionsOf(words).length > 0).map(({ script }) => script));
const asked = some([...withOptions]);
const tried = commands.filter(({ script, words }) => optionsOf(words).length === 0 || asked.includes(script));

function optionsOf(words: string[]): string[] {
  return words.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0] ?? "");
}

it("the documents show many commands", () => {
  expect(commands.length).toBeGreaterThan(25);
});

it.each(tried)("$name: names settings and options that there are", async ({ script, variables, words }) => {
  expect(variables.filter((name) => !(name in Settings.shape) && !others.test(name))).toEqual([]);
  const options = optionsOf(words);
  const usage = options.length > 0 ? await usageOf(script) : "";
  expect(options.filter((option) => !usage.includes(option))).toEqual([]);
});
