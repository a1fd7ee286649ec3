import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";

import { html } from "../html.ts";
import { CopyButton } from "../parts/copying.ts";
import { highlighted } from "./highlight.ts";

/** Code with more lines is folded to its first ones. */
const maxLines = 28;

interface CodeBlockProps {
  code: string;
  /** As an answer names it. */
  language?: string;
  title?: string;
  /** Whether the code is whole. Only then it is coloured. */
  isWhole?: boolean;
  /** Whether long code may be folded. Code that is being written stays open, so that nothing jumps. */
  mayFold?: boolean;
}

/** Code with a title and a copy button. */
export function CodeBlock({ code, language = "", title, isWhole = true, mayFold = true }: CodeBlockProps) {
  const [coloured, setColoured] = useState<{ of: string; nodes: ComponentChild[] } | undefined>(undefined);
  const [isOpen, setOpen] = useState(!mayFold);
  const lines = code.split("\n").length - (code.endsWith("\n") ? 1 : 0);
  const isLong = lines > maxLines;

  useEffect(() => {
    if (!isWhole) return;
    let isCurrent = true;
    highlighted(code, language).then(
      (nodes) => isCurrent && setColoured(nodes && { of: code, nodes }),
      () => {}, // without its grammar, the code stays plain
    );
    return () => {
      isCurrent = false;
    };
  }, [code, language, isWhole]);

  const isFolded = isLong && !isOpen;
  return html`<div class="code-block" dir="ltr">
    <div class="code-head">
      <span>${title ?? (language || "text")}</span>
      <${CopyButton} label="Copy code" text=${() => code} />
    </div>
    <pre tabindex="0" class=${isFolded ? "folded" : ""}><code dir="ltr">${coloured?.of === code ? coloured.nodes : code}</code></pre>
    ${
      isLong &&
      html`<button class="fold" type="button" aria-expanded=${!isFolded} onClick=${() => setOpen(isFolded)}>
        ${isFolded ? `Show all ${lines} lines` : "Show less"}
      </button>`
    }
  </div>`;
}
