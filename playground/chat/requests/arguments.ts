import { html } from "../../html.ts";
import { ValueBlock } from "../../parts/value-block.ts";

/** A longer text has a block of its own. */
const maxLine = 400;

/** The arguments of a call, as they are. */
export function Arguments({ args }: { args: Record<string, unknown> }) {
  const entries = Object.entries(args);
  if (entries.length === 0) return html`<p class="quiet">Without arguments.</p>`;
  return html`<dl class="arguments">
    ${entries.map(
      ([name, value]) => html`<div key=${name}>
        <dt>${name}</dt>
        <dd>
          ${
            (typeof value === "object" && value !== null) || (typeof value === "string" && value.length > maxLine)
              ? html`<${ValueBlock} label=${name} value=${value} />`
              : html`<span class="text" dir="auto">${value === "" ? html`<i class="quiet">empty</i>` : String(value)}</span>`
          }
        </dd>
      </div>`,
    )}
  </dl>`;
}
