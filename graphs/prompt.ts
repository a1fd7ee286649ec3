import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseTemplate, renderTemplate } from "@langchain/core/prompts";
import { parse } from "yaml";
import { z } from "zod";

const FrontMatter = z.strictObject({
  description: z.string().min(1),
  model: z.string().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.number().int().min(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
});

export interface PromptFile {
  name: string;
  /** See `promptHash`. */
  hash: string;
  settings: z.infer<typeof FrontMatter>;
  template: string;
  /** The whole file. */
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

const maxFileBytes = 65_536;

/** A copy of the current declarations. */
export function declarations(): ReadonlyMap<string, Prompt> {
  return new Map(declared);
}

/** Restores earlier declarations, after a faulty graph has changed them. */
export function restoreDeclarations(before: ReadonlyMap<string, Prompt>): void {
  declared.clear();
  for (const [name, declaration] of before) declared.set(name, declaration);
}

/** Reads `<folder>/*.md`. Throws if a file is missing, unknown or invalid; the error names the file and the problem. */
export function loadPrompts(folder: string): PromptSet {
  return new Map(promptNames(folder).map((name) => [name, parsePrompt(name, promptSource(folder, name))]));
}

/** The names of the files in the folder and of all declared prompts, sorted. */
export function promptNames(folder: string): string[] {
  const files = readdirSync(folder).filter(
    (file) => file.endsWith(".md") && file !== "README.md" && !file.startsWith("."),
  );
  return [...new Set([...files.map((file) => file.slice(0, -3)), ...declared.keys()])].sort();
}

export function promptPath(folder: string, name: string): string {
  return join(folder, `${name}.md`);
}

/** The text of a prompt's file. Throws if it cannot be read; the error names the file and the problem. */
export function promptSource(folder: string, name: string): string {
  const path = promptPath(folder, name);
  try {
    const found = statSync(path);
    if (found.isFile() && found.size <= maxFileBytes) return readFileSync(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new Error(`${name}.md: ${isMissing ? "the file is missing" : "the file cannot be read"}`, { cause: error });
  }
  throw new Error(`${name}.md: expected a file of at most ${maxFileBytes} bytes`);
}

/** The variables that a prompt must use; undefined if no graph uses a prompt of this name. */
export function variablesFor(name: string): readonly string[] | undefined {
  return declared.get(name)?.variables;
}

/** Of the whole file: the first 12 hexadecimal digits of its SHA-256. */
export function promptHash(source: string): string {
  return createHash("sha256").update(source).digest("hex").slice(0, 12);
}

/** Parses a prompt file's text. Throws if it is invalid; the error names the file and the problem. */
export function parsePrompt(name: string, source: string, variables = variablesFor(name)): PromptFile {
  const fault = (message: string) => new Error(`${name}.md: ${message}`);
  if (Buffer.byteLength(source) > maxFileBytes) throw fault(`expected a file of at most ${maxFileBytes} bytes`);
  const parts = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(source);
  if (!parts) throw fault("expected YAML front matter between two lines of ---, then the text");
  const settings = FrontMatter.safeParse(yaml(parts[1] ?? "", fault));
  if (!settings.success) throw fault(`front matter: ${problemsOf(settings.error)}`);
  const template = (parts[2] ?? "").trim();
  if (template === "") throw fault("the text is empty");
  if (!variables) throw fault("no graph uses a prompt of this name");
  const used = variablesOf(template, fault);
  for (const variable of used) {
    if (!variables.includes(variable)) throw fault(`unknown variable {{${variable}}}`);
  }
  for (const variable of variables) {
    if (!used.has(variable)) throw fault(`missing variable {{${variable}}}`);
  }
  return { name, hash: promptHash(source), settings: settings.data, template, source };
}

function problemsOf({ issues }: z.ZodError): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, 5)));
}

/** In UTF-16 units. */
const maxFrontMatterUnits = 4_096;

function yaml(text: string, fault: (message: string) => Error): unknown {
  if (text.length > maxFrontMatterUnits) throw fault("front matter: it is too long");
  try {
    return parse(text) ?? {};
  } catch (error) {
    throw fault(`front matter: ${error instanceof Error ? error.message : error}`);
  }
}

/** Mustache tags other than plain variables, such as sections. */
const otherTag = /\{\{\s*[#^/>&=!{]/;

function variablesOf(template: string, fault: (message: string) => Error): Set<string> {
  if (otherTag.test(template)) throw fault("only plain variables such as {{name}} are allowed");
  try {
    const nodes = parseTemplate(template, "mustache");
    return new Set(nodes.flatMap((node) => (node.type === "variable" ? [node.name] : [])));
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error));
  }
}

export function promptFile(prompts: PromptSet, declaration: Prompt): PromptFile {
  const file = prompts.get(declaration.name);
  if (!file) throw new Error(`No prompt ${declaration.name} is loaded.`);
  return file;
}

export function renderPrompt(file: PromptFile, values: Record<string, string> = {}): string {
  return renderTemplate(file.template, "mustache", values);
}
