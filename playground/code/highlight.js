import { sanitisedColours } from "../sanitise.js";
import { grammarOf } from "./languages.js";

/** Longer code is not highlighted, since it would block the page. */
const maxCharacters = 50_000;
const library = "../highlight/core.min.js";

/** Highlights code. Resolves to DOM nodes, or to undefined if the code stays plain. Grammars are loaded on first use. */
export async function highlighted(code, language) {
  const grammar = grammarOf(language);
  if (!grammar || code.length > maxCharacters) return undefined;
  const [{ default: highlighter }, { default: definition }] = await Promise.all([
    import(library),
    import(`../highlight/languages/${grammar}.min.js`),
  ]);
  if (!highlighter.getLanguage(grammar)) highlighter.registerLanguage(grammar, definition);
  return sanitisedColours(highlighter.highlight(code, { language: grammar, ignoreIllegals: true }).value);
}
