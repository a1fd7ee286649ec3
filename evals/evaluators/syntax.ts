import { spawnSync } from "node:child_process";

import { transformSync } from "amaro";

/** Other names for languages in code fences. */
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

/** The language of a code fence: ` ```ts title="x.ts" ` is `typescript`. */
export function languageOf(info: string): string {
  const [name = ""] = info
    .trim()
    .toLowerCase()
    .split(/[\s{,:]/, 1);
  return aliases[name] ?? name;
}

/** Returns a syntax error, or undefined if there is none or if the language cannot be checked. Never runs the code. */
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

/** The parser does not support JSX, so code that looks like JSX is not checked. */
function typescriptFault(text: string): string | undefined {
  try {
    transformSync(text, { mode: "transform" });
    return undefined;
  } catch (error) {
    return markup.test(text) ? undefined : `typescript: ${messageOf(error)}`;
  }
}

/** Parses as TypeScript. If types had to be stripped, the code is not valid JavaScript. */
function javascriptFault(text: string): string | undefined {
  try {
    const { code } = transformSync(text, { mode: "strip-only" });
    return code === text ? undefined : "javascript: contains type annotations";
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

/** Uses Python's own parser. Without a Python, nothing is checked. */
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
  return message?.split("\n", 1)[0] ?? "cannot be parsed";
}
