import type { ComponentChild } from "preact";

import { grammarOf } from "./languages.ts";
import { vnodesOf } from "./spans.ts";

/** Longer code is not highlighted, since it would block the page. */
const maxCharacters = 50_000;

interface Highlighter {
  getLanguage(name: string): unknown;
  registerLanguage(name: string, grammar: unknown): void;
  highlight(code: string, options: { language: string; ignoreIllegals: boolean }): { value: string };
}

/** Colours code. Resolves to undefined if it stays plain. The highlighter and each grammar are loaded on first use. */
export async function highlighted(code: string, language: string): Promise<ComponentChild[] | undefined> {
  const grammar = grammarOf(language);
  if (!grammar || code.length > maxCharacters) return undefined;
  const [highlighter, definition] = await Promise.all([
    loaded<Highlighter>("core.min.js"),
    loaded<unknown>(`languages/${grammar}.min.js`),
  ]);
  if (!highlighter.getLanguage(grammar)) highlighter.registerLanguage(grammar, definition);
  return vnodesOf(highlighter.highlight(code, { language: grammar, ignoreIllegals: true }).value);
}

async function loaded<Module>(path: string): Promise<Module> {
  const address = new URL(`assets/vendor/highlight/${path}`, document.baseURI).href;
  const module = (await import(address)) as { default: Module };
  return module.default;
}
