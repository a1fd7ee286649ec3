import { html } from "../html.ts";

/** A formula, as it was written. */
export function Formula({ source }: { source: string }) {
  return html`<code class="formula" dir="ltr">${source}</code>`;
}
