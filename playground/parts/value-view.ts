import type { VNode } from "preact";

import { html } from "../html.ts";

/** Shows a JSON value: arrays as lists, objects as description lists, everything else as text. */
export function ValueView({ value }: { value: unknown }): VNode {
  if (Array.isArray(value)) {
    if (value.length === 0) return html`<span class="nothing">none</span>`;
    return html`<ol>
      ${value.map((item, index) => html`<li key=${index}><${ValueView} value=${item} /></li>`)}
    </ol>`;
  }
  if (typeof value === "object" && value !== null) return html`<${TermsView} pairs=${Object.entries(value)} />`;
  const text = value === null || value === undefined || value === "" ? "none" : String(value);
  return html`<span class="text" dir="auto">${text}</span>`;
}

/** Shows pairs of a name and a value as a description list. */
export function TermsView({ pairs }: { pairs: [string, unknown][] }): VNode {
  return html`<dl>
    ${pairs.map(
      ([name, value]) => html`<div key=${name}>
        <dt>${name.replaceAll("_", " ")}</dt>
        <dd><${ValueView} value=${value} /></dd>
      </div>`,
    )}
  </dl>`;
}
