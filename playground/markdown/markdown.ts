import { type ComponentChild, h } from "preact";
import { useMemo } from "preact/hooks";

import { html } from "../html.ts";
import { type Block, BlockReader } from "./blocks.ts";
import { useGrowing } from "./growing.ts";
import { PlainText } from "./plain-text.ts";
import { rendered } from "./render.ts";

interface MarkdownProps {
  text: string;
  /** No more text comes. */
  isWhole: boolean;
  /** The text arrived before the page was opened. */
  isPast?: boolean;
}

/** Shows a growing Markdown text. Blocks that did not change are not rendered again, so a selection in them survives. */
export function Markdown({ text, isWhole, isPast = false }: MarkdownProps) {
  const reader = useMemo(() => new BlockReader(), []);
  const shown = useMemo(() => new WeakMap<Block, { isWhole: boolean; node: ComponentChild }>(), []);
  const { blocks, rest } = reader.read(text, isWhole);
  const count = useGrowing(blocks.length);

  function block(one: Block, index: number): ComponentChild {
    const isEnded = isWhole || index < blocks.length - 1;
    const before = shown.get(one);
    if (before?.isWhole === isEnded) return before.node;
    const node = h("div", { class: "block", key: one.key }, rendered(one.token, { isWhole: isEnded, isPast }));
    shown.set(one, { isWhole: isEnded, node });
    return node;
  }

  return html`<div class="answer">
    ${blocks.slice(0, count).map(block)}${count === blocks.length && rest && html`<${PlainText} text=${rest} />`}
  </div>`;
}
