import { html } from "../../html.ts";
import { ValueBlock } from "../../parts/value-block.ts";

const maxCharacters = 1_200;

interface LongTextProps {
  class: string;
  /** Names a text that is folded. */
  label: string;
  text: string;
}

/** A text from a graph. A long one is folded. */
export function LongText({ class: name, label, text }: LongTextProps) {
  if (text.length > maxCharacters) return html`<${ValueBlock} label=${label} value=${text} />`;
  return html`<p class=${name} dir="auto">${text}</p>`;
}
