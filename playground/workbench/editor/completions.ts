import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippetCompletion,
} from "@codemirror/autocomplete";
import type { FrontMatterKey } from "../../../src/workbench/wire/prompts.ts";

/** What a prompt's author may want to write. */
export interface Known {
  variables: readonly string[];
  keys: readonly FrontMatterKey[];
  models: readonly string[];
}

/** Completes the keys of the front matter, models, and the prompt's variables. */
export function promptCompletions(known: () => Known) {
  return (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    return isInFrontMatter(context, line.number)
      ? frontMatter(context, before, known())
      : variables(context, before, line.text.slice(before.length), known());
  };
}

function isInFrontMatter({ state }: CompletionContext, line: number): boolean {
  let rules = 0;
  for (let number = 1; number < line; number += 1) if (/^---[ \t]*$/.test(state.doc.line(number).text)) rules += 1;
  return rules === 1;
}

function frontMatter(context: CompletionContext, before: string, { keys, models }: Known): CompletionResult | null {
  const model = /^model:[ \t]*(\S*)$/.exec(before);
  if (model)
    return result(
      context.pos - (model[1] ?? "").length,
      models.map((label) => ({ label, type: "constant" })),
    );
  const word = /^\w*$/.exec(before)?.[0];
  if (word === undefined || (word === "" && !context.explicit)) return null;
  const text = context.state.doc.toString();
  const missing = keys.filter(({ name }) => !new RegExp(`^${name}[ \t]*:`, "m").test(text));
  return result(
    context.pos - word.length,
    missing.map(({ name, about }) => ({ label: name, detail: about, apply: `${name}: `, type: "property" })),
  );
}

function variables(context: CompletionContext, before: string, after: string, known: Known): CompletionResult | null {
  const opened = /\{\{[ \t]*(\w*)$/.exec(before);
  if (!opened && !context.explicit) return null;
  if (opened) {
    const end = /^[ \t]*\}\}/.test(after) ? "" : "}}";
    const options = known.variables.map((label) => ({ label, apply: `${label}${end}`, type: "variable" }));
    return result(context.pos - (opened[1] ?? "").length, options);
  }
  return result(
    context.pos,
    known.variables.map((name) => snippetCompletion(`{{${name}}}`, { label: `{{${name}}}`, type: "variable" })),
  );
}

function result(from: number, options: Completion[]): CompletionResult | null {
  return options.length === 0 ? null : { from, options, validFor: /^\w*$/ };
}
