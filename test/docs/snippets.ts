import { globSync, readFileSync } from "node:fs";
import { marked, type Tokens } from "marked";

/** The documents that users read. */
export const pages = ["README.md", "CONTRIBUTING.md", ...globSync(["docs/*.md", "packages/client/README.md"])].sort();

export interface Snippet {
  page: string;
  /** `docs/prompts.md, line 19`. */
  name: string;
  language: string;
  code: string;
}

/** The code blocks of a page, those in lists too. */
function snippetsOf(page: string): Snippet[] {
  const source = readFileSync(page, "utf8");
  const found: Tokens.Code[] = [];
  marked.walkTokens(marked.lexer(source), (token) => {
    if (token.type === "code") found.push(token as Tokens.Code);
  });
  let from = 0;
  return found.map(({ lang = "", text }) => {
    const [first = ""] = text.split("\n");
    from = source.indexOf(first, source.indexOf("```", from)) + text.length;
    const line = source.slice(0, from - text.length).split("\n").length;
    return { page, name: `${page}, line ${line}`, language: lang.split(" ")[0] ?? "", code: text };
  });
}

/** The snippets of all pages in one of these languages. */
export function snippets(...languages: string[]): Snippet[] {
  return pages.flatMap(snippetsOf).filter(({ language }) => languages.includes(language));
}
