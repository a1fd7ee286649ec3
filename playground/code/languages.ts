/** Maps grammar files to the names that answers use. Code in other languages stays plain. */
const names = {
  bash: "bash sh zsh shell console",
  c: "c h",
  cpp: "cpp c++ cc hpp",
  csharp: "csharp cs c#",
  css: "css",
  diff: "diff patch",
  dockerfile: "dockerfile docker",
  elixir: "elixir ex exs iex",
  erlang: "erlang erl",
  go: "go golang",
  graphql: "graphql gql",
  haskell: "haskell hs",
  ini: "ini toml",
  java: "java",
  javascript: "javascript js jsx mjs cjs node",
  json: "json jsonc json5",
  kotlin: "kotlin kt",
  lua: "lua",
  makefile: "makefile make",
  markdown: "markdown md",
  nginx: "nginx",
  php: "php",
  python: "python py",
  ruby: "ruby rb",
  rust: "rust rs",
  scala: "scala",
  sql: "sql postgres postgresql pgsql sqlite mysql",
  swift: "swift",
  typescript: "typescript ts tsx mts",
  xml: "xml html heex eex svg vue",
  yaml: "yaml yml",
};

const files = new Map(
  Object.entries(names).flatMap(([file, all]) => all.split(" ").map((name): [string, string] => [name, file])),
);

/** The grammar file of a language; undefined if there is none. */
export function grammarOf(language: string): string | undefined {
  return files.get(language.toLowerCase());
}
