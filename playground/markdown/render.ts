import type { Token, Tokens } from "marked";
import { type ComponentChild, h } from "preact";

import { CodeBlock } from "../code/code-block.ts";
import { Formula } from "../math/formula.ts";
import { inline } from "./inline.ts";

export interface Situation {
  /** No more text follows in the block. */
  isWhole: boolean;
  /** The text arrived before the page was opened. */
  isPast: boolean;
}

/** Shows a block. It has the writing direction of its own text, with all that is in it. */
export function rendered(token: Token, situation: Situation, isNested = false): ComponentChild {
  const auto = isNested ? {} : ({ dir: "auto" } as const);
  const block = token as Tokens.Generic;
  const within = (tokens: Token[] = []) => tokens.map((inner) => rendered(inner, situation, true));
  switch (block.type) {
    case "space":
    case "def":
    case "checkbox": // its item shows it
      return undefined;
    case "paragraph":
      return h("p", auto, inline(block.tokens));
    case "heading":
      return h("h3", { ...auto, class: `depth-${block.depth}` }, inline(block.tokens)); // one level: answers skip some
    case "code":
      return h(CodeBlock, {
        code: `${block.text.replace(/\n$/, "")}\n`,
        language: /^\S+/.exec(block.lang ?? "")?.[0] ?? "",
        isWhole: situation.isWhole,
        mayFold: situation.isPast,
      });
    case "blockquote":
      return h("blockquote", auto, within(block.tokens));
    case "list":
      return list(block as Tokens.List, situation, auto);
    case "table":
      return table(block as Tokens.Table, auto);
    case "hr":
      return h("hr", {});
    case "html":
      return h("p", auto, block.text);
    case "formulaBlock":
      return h("p", auto, h(Formula, { source: block.formula }));
    case "text":
      return inline(block.tokens ?? [block]) as ComponentChild;
    default:
      return h("p", auto, block.raw);
  }
}

function list(block: Tokens.List, situation: Situation, auto: { dir?: "auto" }): ComponentChild {
  const items = block.items.map((item) => {
    const inner = item.tokens.map((token) => rendered(token, situation, true));
    if (!item.task) return h("li", {}, inner);
    const box = h("span", { class: "task", role: "img", "aria-label": item.checked ? "done" : "to do" });
    return h("li", { class: item.checked ? "task-item done" : "task-item" }, box, inner);
  });
  if (!block.ordered) return h("ul", auto, items);
  return h("ol", { ...auto, start: Number(block.start) || 0 }, items);
}

function table({ header, rows, align }: Tokens.Table, auto: { dir?: "auto" }): ComponentChild {
  const cells = (row: Tokens.TableCell[], tag: "th" | "td") =>
    row.map(({ tokens }, column) => h(tag, align[column] ? { class: `to-${align[column]}` } : {}, inline(tokens)));
  return h(
    "div",
    { class: "table", tabIndex: 0, role: "group", "aria-label": "Table", ...auto },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, cells(header, "th"))),
      h(
        "tbody",
        {},
        rows.map((row) => h("tr", {}, cells(row, "td"))),
      ),
    ),
  );
}
