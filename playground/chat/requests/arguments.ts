import { html } from "../../html.ts";
import { ValueBlock } from "../../parts/value-block.ts";

/** A longer text has a block of its own, in characters. So has longer JSON. */
const maxText = 400;
const maxJson = 80;

/** The arguments of a call, as they are. */
export function Arguments({ args }: { args: Record<string, unknown> }) {
  const entries = Object.entries(args);
  if (entries.length === 0) return html`<p class="quiet">Without arguments.</p>`;
  return html`<dl class="arguments">
    ${entries.map(
      ([name, value]) => html`<div key=${name}>
        <dt>${name}</dt>
        <dd><${Value} name=${name} value=${value} /></dd>
      </div>`,
    )}
  </dl>`;
}

function Value({ name, value }: { name: string; value: unknown }) {
  if (value === "") return html`<i class="quiet">empty</i>`;
  const isText = typeof value === "string";
  const line = isText ? value : JSON.stringify(value);
  if (line.length > (isText ? maxText : maxJson)) return html`<${ValueBlock} label=${name} value=${value} />`;
  return html`<span class=${isText ? "text" : "text json"} dir="auto">${line}</span>`;
}
