import { html } from "../html.ts";

/** In UTF-16 units. */
const partUnits = 8_192;

/** Shows a text as it is, in parts. The browser lays out only those in view. */
export function PlainText({ text }: { text: string }) {
  return partsOf(text).map((part, index) => html`<p class="plain" dir="auto" key=${index}>${part}</p>`);
}

function partsOf(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > partUnits) {
    const end = rest.lastIndexOf("\n", partUnits - 1) + 1 || partUnits;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...parts, rest];
}
