import type { TurnState } from "conversation-channel-client";

import { CodeBlock } from "../code/code-block.ts";
import { html } from "../html.ts";
import { openModelDialog } from "../model-slot.ts";
import { dollars } from "../parts/dollars.ts";
import { duration } from "../parts/duration.ts";
import { TermsView } from "../parts/value-view.ts";
import { isDemo } from "../session/demo.ts";
import type { Times } from "./times.ts";

type Metadata = NonNullable<TurnState["metadata"]>;

/** How an answer was made, as one line that expands. */
export function Facts({ metadata, times }: { metadata: Metadata; times: Times }) {
  const { usage, model_used, prompts, processing_time, stopped, truncated } = metadata;
  const wholeMs = times.wholeMs ?? processing_time;
  const line = [
    stopped && "stopped",
    truncated && "cut off by a length limit",
    model_used === "demo" ? "demo model" : model_used,
    wholeMs !== undefined && duration(wholeMs),
    usage && `${usage.input_tokens} → ${usage.output_tokens} tokens`,
  ].filter(Boolean);
  const facts = html`<details class="facts">
    <summary>
      ${line.join(" · ")}${usage?.cost_usd !== undefined && html` <span class="cost">${dollars(usage.cost_usd)}</span>`}
    </summary>
    <${TermsView} pairs=${pairsOf(metadata, times)} />
    ${prompts && html`<${Prompts} prompts=${prompts} />`}
    ${
      "generated_code" in metadata &&
      typeof metadata.generated_code === "string" &&
      html`<${CodeBlock} code=${metadata.generated_code} title="generated code" />`
    }
  </details>`;
  if (model_used !== "demo" || !isDemo.value) return facts;
  return html`<div class="of-demo">
    ${facts}
    <button type="button" class="quiet-button" onClick=${openModelDialog}>Connect a model</button>
  </div>`;
}

function pairsOf(metadata: Metadata, { firstWordMs, wholeMs }: Times): [string, unknown][] {
  const { usage, prompts: _below, routing: _above, processing_time, ...rest } = metadata;
  const { generated_code: _too, tool_calls: _calls, sources: _sources, ...engine } = rest as Record<string, unknown>;
  const pairs: [string, unknown][] = [
    ["first word after", firstWordMs !== undefined && duration(firstWordMs)],
    ["in total", duration(wholeMs ?? processing_time)],
    ["model calls", usage?.llm_calls],
    ["tokens", usage && `${usage.input_tokens} in, ${usage.output_tokens} out`],
    ["cost", usage?.cost_usd !== undefined && dollars(usage.cost_usd)],
    ...Object.entries(engine),
  ];
  return pairs.filter(([, value]) => value !== undefined && value !== false);
}

/** The prompts with their content hashes. */
function Prompts({ prompts }: { prompts: Record<string, string> }) {
  if (Object.keys(prompts).length === 0) return undefined;
  return html`<div class="prompts">
    <p class="label">prompts</p>
    <ul>
      ${Object.entries(prompts).map(
        ([name, hash]) => html`<li key=${name}>
          <span class="prompt" data-prompt=${name} data-hash=${hash}>${name} <code>${hash}</code></span>
        </li>`,
      )}
    </ul>
  </div>`;
}
