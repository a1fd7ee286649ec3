import { type ComponentChildren, createElement, type VNode } from "preact";

export const h = (name: string, attributes: object, ...children: ComponentChildren[]): VNode =>
  createElement(name, attributes, ...children) as VNode;

/** A part of a formula. `above`: its limits stand above and below it. */
export interface Atom {
  node: VNode;
  above?: boolean;
}

export const row = (nodes: VNode[]): VNode => (nodes.length === 1 && nodes[0] ? nodes[0] : h("mrow", {}, nodes));
export const mi = (text: string) => h("mi", [...text].length === 1 ? {} : { mathvariant: "normal" }, text);
export const mo = (text: string, more: object = {}) => h("mo", more, text);
export const fence = (text: string, stretchy = true) => mo(text, { stretchy: String(stretchy), fence: "true" });

/** Rows of cells. */
export function table(rows: VNode[][][], align: string): VNode {
  return h(
    "mtable",
    { class: `to-${align}` },
    rows.map((cells) =>
      h(
        "mtr",
        {},
        cells.map((nodes) => h("mtd", {}, nodes)),
      ),
    ),
  );
}
