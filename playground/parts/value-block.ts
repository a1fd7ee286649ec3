import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";

import { highlighted } from "../code/highlight.ts";
import { html } from "../html.ts";
import { CopyButton } from "./copying.ts";

/** A longer text is folded. */
const maxCharacters = 1_200;
const maxLines = 14;

/** A value for people: JSON is indented, also if it comes as text. */
export function written(value: unknown): { text: string; isJson: boolean } {
  if (typeof value !== "string") return { text: JSON.stringify(value, null, 2) ?? "", isJson: true };
  if (!/^\s*[[{]/.test(value)) return { text: value, isJson: false };
  try {
    return { text: JSON.stringify(JSON.parse(value), null, 2), isJson: true };
  } catch {
    return { text: value, isJson: false };
  }
}

interface ValueBlockProps {
  label: string;
  value: unknown;
  /** More of it comes: it stays plain, and its end is shown. */
  isGrowing?: boolean;
}

/** A value with a copy button. A long one is folded. */
export function ValueBlock({ label, value, isGrowing = false }: ValueBlockProps) {
  const [isOpen, setOpen] = useState(false);
  const { text, isJson } = isGrowing ? { text: String(value), isJson: false } : written(value);
  const isLong = text.length > maxCharacters || text.split("\n", maxLines + 1).length > maxLines;
  const shown = isLong && !isOpen ? cut(text, isGrowing) : text;
  const coloured = useColours(shown, isJson);
  return html`<div class="code-block data">
    <div class="code-head">
      <span>${label}</span>
      <${CopyButton} label=${`Copy ${label.toLowerCase()}`} text=${() => text} />
    </div>
    <pre tabindex="0" dir="auto"><code>${coloured ?? shown}</code></pre>
    ${
      isLong &&
      html`<button class="fold" type="button" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
        ${isOpen ? "Show less" : `Show all ${text.length.toLocaleString("en")} characters`}
      </button>`
    }
  </div>`;
}

function cut(text: string, isGrowing: boolean): string {
  const lines = text.split("\n");
  if (isGrowing) return `…${lines.slice(-maxLines).join("\n").slice(-maxCharacters)}`;
  return `${lines.slice(0, maxLines).join("\n").slice(0, maxCharacters)}…`;
}

/** The text in colours, once the highlighter has them. */
function useColours(text: string, isJson: boolean): ComponentChild[] | undefined {
  const [coloured, setColoured] = useState<{ of: string; nodes: ComponentChild[] } | undefined>(undefined);
  useEffect(() => {
    if (!isJson) return;
    let isCurrent = true;
    highlighted(text, "json").then(
      (nodes) => isCurrent && setColoured(nodes && { of: text, nodes }),
      () => {}, // without its grammar, the text stays plain
    );
    return () => {
      isCurrent = false;
    };
  }, [text, isJson]);
  return coloured?.of === text ? coloured.nodes : undefined;
}
