import type { ToolPart } from "conversation-channel-client";

import { html } from "../../html.ts";
import { Icon } from "../../parts/icon.ts";
import { ValueBlock } from "../../parts/value-block.ts";
import { preview } from "./preview.ts";

const words: Record<ToolPart["status"], string> = { running: "running", finished: "finished", failed: "failed" };

/** A tool call, folded to one line. */
export function ToolRow({ call }: { call: ToolPart }) {
  const { tool_name, status, input, output, message } = call;
  const isRunning = status === "running";
  const line = status === "failed" && message ? message : preview(input ?? "");
  return html`<details class=${`tool ${status}`}>
    <summary>
      <span class="state">${!isRunning && html`<${Icon} name=${status === "failed" ? "failed" : "done"} />`}</span>
      <span class="name">${tool_name}</span>
      <span class="visually-hidden">, ${words[status]}${line && ": "}</span>
      ${line && html`<span class="line" dir="auto">${line}</span>`}
    </summary>
    <div class="inside">
      ${input !== undefined && html`<${ValueBlock} label="Input" value=${input} />`}
      ${message && html`<p class="refusal">${message}</p>`}
      ${
        output !== undefined &&
        html`<${ValueBlock} label=${isRunning ? "Output so far" : "Output"} value=${output} isGrowing=${isRunning} />`
      }
      ${isRunning && output === undefined && html`<p class="quiet">There is no output yet.</p>`}
    </div>
  </details>`;
}
