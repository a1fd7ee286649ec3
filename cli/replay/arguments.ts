import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { commandLine, WrongUse } from "../../src/settings/command-line.ts";
import type { Changes } from "../../src/workbench/replay.ts";

const usage = `Runs past turns again, without touching their conversations.

  npm run replay -- <turn_id>                 one turn, unchanged
  npm run replay -- --last 50                 the latest 50 turns
    --prompt simple=draft.md                  use this file for the prompt "simple" (short: --prompt simple.md)
    --model gpt-4.1 --temperature 0 --max-tokens 500 --top-p 0.9
    --tools live                              run the tools; otherwise calls have the results that they had in the turn
    --from write                              start at this node; keep the results of earlier steps
    --engine simple                           with --last: only turns of this engine (default: the engine of the changed prompt)
`;

export interface Arguments {
  turnId?: string;
  last?: number;
  engine?: string;
  changes: Changes;
}

/** Throws WrongUse. */
export function argumentsOf(words: string[]): Arguments {
  const { values, positionals } = commandLine(usage, {
    args: words,
    allowPositionals: true,
    options: {
      last: { type: "string" },
      prompt: { type: "string", multiple: true, default: [] },
      model: { type: "string" },
      temperature: { type: "string" },
      "max-tokens": { type: "string" },
      "top-p": { type: "string" },
      tools: { type: "string", default: "recorded" },
      from: { type: "string" },
      engine: { type: "string" },
    },
  });
  const [turnId] = positionals;
  const last = number("--last", values.last);
  if (last !== undefined && !Number.isInteger(last)) throw new WrongUse(`--last: expected a whole number, got ${last}`);
  if ((turnId === undefined) === (last === undefined))
    throw new WrongUse("Name one turn, or use --last; --help shows how.");
  const sampling = {
    model: values.model,
    temperature: number("--temperature", values.temperature),
    max_tokens: number("--max-tokens", values["max-tokens"]),
    top_p: number("--top-p", values["top-p"]),
  };
  const prompts = Object.fromEntries(values.prompt.map(promptOf));
  const { tools, from } = values;
  if (tools !== "recorded" && tools !== "live")
    throw new WrongUse(`--tools: expected recorded or live, got ${JSON.stringify(tools)}`);
  return { turnId, last, engine: values.engine, changes: { prompts, sampling, tools, from } };
}

export function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0))
    throw new WrongUse(`${name}: expected a number, got ${JSON.stringify(text)}`);
  return value;
}

/** Parses `name=file`, or a file named after its prompt. Returns the name and the file's text. */
export function promptOf(text: string): [string, string] {
  const at = text.indexOf("=");
  const [name, path] = at < 0 ? [basename(text, ".md"), text] : [text.slice(0, at), text.slice(at + 1)];
  try {
    return [name, readFileSync(path, "utf8")];
  } catch (error) {
    throw new WrongUse(`--prompt: cannot read ${path}`, { cause: error });
  }
}
