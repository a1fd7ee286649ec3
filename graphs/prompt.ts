import { createHash } from "node:crypto";

import { type FrontMatter, parseFrontMatter } from "./front-matter.ts";
import { maxFileBytes, plainText, promptSource } from "./prompt-source.ts";
import { parseTemplate, renderTemplate, type Template, variablesIn } from "./template.ts";

export interface PromptFile {
  name: string;
  /** See `promptHash`. */
  hash: string;
  settings: FrontMatter;
  template: Template;
  /** The whole file as plain text: see `plainText`. */
  source: string;
}

/** The prompts of a folder, by name. */
export type PromptSet = ReadonlyMap<string, PromptFile>;

/** A prompt as a graph declares it: the file's name without `.md`, and the variables that the file must use. */
export interface Prompt {
  name: string;
  variables: readonly string[];
}

const declared = new Map<string, Prompt>();

/** Declares a prompt. `loadPrompts` throws if its file is missing. */
export function prompt(name: string, variables: readonly string[] = []): Prompt {
  const declaration = { name, variables };
  declared.set(name, declaration);
  return declaration;
}

/** A copy of the current declarations. */
export function declarations(): ReadonlyMap<string, Prompt> {
  return new Map(declared);
}

/** Restores earlier declarations, after a faulty graph has changed them. */
export function restoreDeclarations(before: ReadonlyMap<string, Prompt>): void {
  declared.clear();
  for (const [name, declaration] of before) declared.set(name, declaration);
}

/** Reads the files of all declared prompts. Throws if one is missing or invalid; the error names the file and the problem. */
export function loadPrompts(folder: string): PromptSet {
  return new Map(promptNames().map((name) => [name, parsePrompt(name, promptSource(folder, name))]));
}

/** The names of all declared prompts, sorted. Other files in the folder are nobody's prompts. */
export function promptNames(): string[] {
  return [...declared.keys()].sort();
}

/** The variables that a prompt must use; undefined if no graph uses a prompt of this name. */
export function variablesFor(name: string): readonly string[] | undefined {
  return declared.get(name)?.variables;
}

/** The first 12 hexadecimal digits of the SHA-256 of a file's plain text, so that line endings make no difference. */
export function promptHash(source: string): string {
  return createHash("sha256").update(plainText(source)).digest("hex").slice(0, 12);
}

/** Parses a prompt file's text. Throws if it is invalid; the error names the file and the problem. */
export function parsePrompt(name: string, text: string, variables = variablesFor(name)): PromptFile {
  try {
    return parsed(name, plainText(text), variables);
  } catch (error) {
    throw new Error(`${name}.md: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function parsed(name: string, source: string, variables: readonly string[] | undefined): PromptFile {
  if (Buffer.byteLength(source) > maxFileBytes) throw new Error(`expected a file of at most ${maxFileBytes} bytes`);
  const opening = /^\s*---[ \t]*\n/.exec(source)?.[0];
  const rest = source.slice(opening?.length);
  const closing = /^---[ \t]*$/m.exec(rest);
  if (!opening || !closing) throw new Error("expected YAML front matter between two lines of ---, then the text");
  const settings = parseFrontMatter(rest.slice(0, closing.index));
  const body = rest.slice(closing.index + closing[0].length);
  const words = body.trim();
  if (words === "") throw new Error("the text is empty");
  if (!variables) throw new Error("no graph uses a prompt of this name");
  const firstLine = source.slice(0, source.length - body.trimStart().length).split("\n").length;
  const template = parseTemplate(words, variables, firstLine);
  const missing = variables.find((variable) => !variablesIn(template).has(variable));
  if (missing !== undefined) throw new Error(`missing variable {{${missing}}}`);
  return { name, hash: promptHash(source), settings, template, source };
}

export function promptFile(prompts: PromptSet, declaration: Prompt): PromptFile {
  const file = prompts.get(declaration.name);
  if (!file) throw new Error(`No prompt ${declaration.name} is loaded.`);
  return file;
}

export function renderPrompt(file: PromptFile, values: Record<string, string> = {}): string {
  return renderTemplate(file.template, values);
}
