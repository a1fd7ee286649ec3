import { sanitisedColours } from "../sanitise.js";
import { grammarOf } from "./languages.js";

/** Longer code would hold the page up; it stays plain. */
const mostCharacters = 50_000;
const library = "../highlight/core.min.js";

/** The same code with its colours, as nodes; undefined where it stays plain. Grammars are loaded when they are first needed. */
export async function highlighted(code, language) {
  const grammar = grammarOf(language);
  if (!grammar || code.length > mostCharacters) return undefined;
  const [{ default: highlighter }, { default: definition }] = await Promise.all([
    import(library),
    import(`../highlight/languages/${grammar}.min.js`),
  ]);
  if (!highlighter.getLanguage(grammar)) highlighter.registerLanguage(grammar, definition);
  return sanitisedColours(highlighter.highlight(code, { language: grammar, ignoreIllegals: true }).value);
}
