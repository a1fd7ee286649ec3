import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";

import type { Changes } from "../../src/workbench/replay.ts";

export const usage = `Asks past turns again, beside their conversations.

  npm run replay -- <turn_id>                 with nothing changed
  npm run replay -- --last 50                 the newest 50 turns
    --prompt simple=draft.md                  another text for a prompt (--prompt simple.md: its name is the file's)
    --model gpt-4.1 --temperature 0 --max-tokens 500 --top-p 0.9
    --from write                              the steps before this node are not run again
    --engine simple                           of --last: turns of this engine (default: that of the changed prompt)
`;

export interface Arguments {
  turnId?: string;
  last?: number;
  engine?: string;
  changes: Changes;
}

/** Throws an error that says what is wrong. */
export function argumentsOf(words: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      last: { type: "string" },
      prompt: { type: "string", multiple: true, default: [] },
      model: { type: "string" },
      temperature: { type: "string" },
      "max-tokens": { type: "string" },
      "top-p": { type: "string" },
      from: { type: "string" },
      engine: { type: "string" },
    },
  });
  const [turnId] = positionals;
  const last = number("--last", values.last);
  if (last !== undefined && !Number.isInteger(last)) throw new Error(`--last: expected a whole number, got ${last}`);
  if ((turnId === undefined) === (last === undefined)) throw new Error(`Name one turn, or --last.\n\n${usage}`);
  const sampling = {
    model: values.model,
    temperature: number("--temperature", values.temperature),
    max_tokens: number("--max-tokens", values["max-tokens"]),
    top_p: number("--top-p", values["top-p"]),
  };
  const prompts = Object.fromEntries(values.prompt.map(promptOf));
  return { turnId, last, engine: values.engine, changes: { prompts, sampling, from: values.from } };
}

export function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0)) throw new Error(`${name}: expected a number, got ${JSON.stringify(text)}`);
  return value;
}

/** `name=file`, or a file that is called as its prompt. */
export function promptOf(text: string): [string, string] {
  const at = text.indexOf("=");
  const [name, path] = at < 0 ? [basename(text, ".md"), text] : [text.slice(0, at), text.slice(at + 1)];
  try {
    return [name, readFileSync(path, "utf8")];
  } catch (error) {
    throw new Error(`--prompt: ${path} cannot be read`, { cause: error });
  }
}
