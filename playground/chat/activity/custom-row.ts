import { html } from "../../html.ts";
import { Icon } from "../../parts/icon.ts";
import { ValueBlock } from "../../parts/value-block.ts";
import { preview } from "./preview.ts";

/** What a graph wrote for pages. The newest piece is the line. */
export function CustomRow({ all }: { all: readonly unknown[] }) {
  return html`<details class="tool custom">
    <summary>
      <span class="state"><${Icon} name="graph" /></span>
      <span class="name">${all.length === 1 ? "1 event" : `${all.length} events`}</span>
      <span class="line" dir="auto">${preview(all.at(-1))}</span>
    </summary>
    <div class="inside">
      <${ValueBlock} label="Events" value=${all.length === 1 ? all[0] : all} />
    </div>
  </details>`;
}
