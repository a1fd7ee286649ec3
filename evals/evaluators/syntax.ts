import { spawnSync } from "node:child_process";

import { transformSync } from "amaro";

/** What a language is called behind a fence, where that is not its name. */
const aliases: Record<string, string> = {
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  node: "javascript",
  ts: "typescript",
  mts: "typescript",
  py: "python",
  python3: "python",
  sh: "bash",
  shell: "bash",
  zsh: "bash",
  console: "bash",
  yml: "yaml",
  ex: "elixir",
  exs: "elixir",
  golang: "go",
  rs: "rust",
  postgresql: "sql",
  postgres: "sql",
  docker: "dockerfile",
  md: "markdown",
};

/** The language that a fence names: ` ```ts title="x.ts" ` is `typescript`. */
export function languageOf(info: string): string {
  const [name = ""] = info
    .trim()
    .toLowerCase()
    .split(/[\s{,:]/, 1);
  return aliases[name] ?? name;
}

/** What is wrong with a text's syntax; undefined when nothing is, and for languages that cannot be checked here. Nothing is run. */
export function syntaxFault(language: string, text: string): string | undefined {
  switch (language) {
    case "javascript":
      return javascriptFault(text);
    case "typescript":
      return typescriptFault(text);
    case "json":
      return jsonFault(text);
    case "python":
      return pythonFault(text);
    default:
      return undefined;
  }
}

const markup = /<\/[A-Za-z.]*>|\/>/;

/** JSX is beyond this parser: what has it is not checked. */
function typescriptFault(text: string): string | undefined {
  try {
    transformSync(text, { mode: "transform" });
    return undefined;
  } catch (error) {
    return markup.test(text) ? undefined : `typescript: ${messageOf(error)}`;
  }
}

/** Types that were to be taken out of it would not run. */
function javascriptFault(text: string): string | undefined {
  try {
    const { code } = transformSync(text, { mode: "strip-only" });
    return code === text ? undefined : "javascript: it has types in it";
  } catch (error) {
    return markup.test(text) ? undefined : `javascript: ${messageOf(error)}`;
  }
}

function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `json: ${messageOf(error)}`;
  }
}

const parsePython = "import ast, sys; ast.parse(sys.stdin.buffer.read())";

/** By Python's own parser, where there is a Python. */
function pythonFault(text: string): string | undefined {
  const { error, status, stderr } = spawnSync("python3", ["-I", "-c", parsePython], {
    input: text,
    encoding: "utf8",
    timeout: 10_000,
  });
  if (error || status === 0) return undefined;
  return `python: ${stderr.trim().split("\n").at(-1)}`;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : (error as { message?: string }).message; // amaro throws plain objects
  return message?.split("\n", 1)[0] ?? "it cannot be read";
}
