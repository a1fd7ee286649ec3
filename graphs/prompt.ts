import { createHash } from "node:crypto";

import { type FrontMatter, FrontMatterFault, type Problem, parseFrontMatter } from "./front-matter.ts";
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

/** Reads the files of all declared prompts that are used. Throws if one is missing or invalid; the error names the file and the problem. */
export function loadPrompts(folder: string, isUsed: (name: string) => boolean = () => true): PromptSet {
  const names = promptNames().filter(isUsed);
  return new Map(names.map((name) => [name, parsePrompt(name, promptSource(folder, name))]));
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

/** Parses a prompt file's text. Throws if it is invalid; the error names the file and the first problem. */
export function parsePrompt(name: string, text: string, variables = variablesFor(name)): PromptFile {
  const source = plainText(text);
  const { settings, template, problems, cause } = examine(source, variables);
  const [first] = problems;
  if (settings && template && !first) return { name, hash: promptHash(source), settings, template, source };
  throw new Error(`${name}.md: ${first?.message}`, { cause });
}

/** Everything that is wrong with a prompt file's text, with offsets in it. Empty if it is valid. */
export function promptProblems(name: string, text: string): Problem[] {
  const { problems, cause } = examine(plainText(text), variablesFor(name));
  if (!(cause instanceof FrontMatterFault)) return problems;
  const [front, ...others] = problems;
  const start = front?.from ?? 0;
  const each = cause.problems.map(({ message, from, to }) => ({ message, from: start + from, to: start + to }));
  return [...each, ...others];
}

interface Examined {
  settings?: FrontMatter;
  template?: Template;
  problems: Problem[];
  /** The front matter's fault. */
  cause?: unknown;
}

function examine(source: string, variables: readonly string[] | undefined): Examined {
  const only = (message: string, from = 0, to = source.length): Examined => ({ problems: [{ message, from, to }] });
  if (Buffer.byteLength(source) > maxFileBytes) return only(`expected a file of at most ${maxFileBytes} bytes`);
  const firstLineEnd = source.split("\n", 1)[0]?.length ?? 0;
  const opening = /^\s*---[ \t]*\n/.exec(source)?.[0];
  const rest = source.slice(opening?.length);
  const closing = /^---[ \t]*$/m.exec(rest);
  if (!opening || !closing)
    return only("expected YAML front matter between two lines of ---, then the text", 0, firstLineEnd);
  const problems: Problem[] = [];
  const { settings, cause } = settingsOf(rest.slice(0, closing.index), opening.length, problems);
  const body = rest.slice(closing.index + closing[0].length);
  const start = source.length - body.trimStart().length;
  const words = body.trim();
  if (words === "")
    return { problems: [...problems, ...only("the text is empty", start - body.length).problems], cause };
  if (!variables) return { problems: [...problems, ...only("no graph uses a prompt of this name").problems], cause };
  const firstLine = source.slice(0, start).split("\n").length;
  const template = parseTemplate(words, variables, firstLine, (message, offset, length) =>
    problems.push({ message, from: start + offset, to: start + offset + length }),
  );
  const used = variablesIn(template);
  const firstWords = start + (words.split("\n", 1)[0] ?? "").length;
  for (const variable of variables.filter((name) => !used.has(name)))
    problems.push({ message: `missing variable {{${variable}}}`, from: start, to: firstWords });
  return { settings, template, problems, cause };
}

function settingsOf(yaml: string, start: number, problems: Problem[]): Pick<Examined, "settings" | "cause"> {
  try {
    return { settings: parseFrontMatter(yaml) };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    problems.push({ message, from: start, to: start + yaml.length });
    return { cause };
  }
}

export function promptFile(prompts: PromptSet, declaration: Prompt): PromptFile {
  const file = prompts.get(declaration.name);
  if (!file) throw new Error(`No prompt ${declaration.name} is loaded.`);
  return file;
}

export function renderPrompt(file: PromptFile, values: Record<string, string> = {}): string {
  return renderTemplate(file.template, values);
}
