import { codeBlock } from "../code/code-block.js";
import { element } from "../element.js";
import { termsView } from "../value-view.js";
import { duration } from "./duration.js";

/** A turn's metadata: a one-line summary that expands. The times are measured by the page and may be undefined. */
export function factsView(metadata, { firstWordMs, wholeMs }) {
  const { usage, model_used, routing: _shownAbove, generated_code, prompts, ...rest } = metadata;
  const line = [
    metadata.stopped && "stopped",
    metadata.truncated && "cut off by a length limit",
    model_used,
    firstWordMs !== undefined && `first word after ${duration(firstWordMs)}`,
    wholeMs !== undefined && `${duration(wholeMs)} in total`,
    usage && `${usage.input_tokens} → ${usage.output_tokens} tokens`,
    usage && `${usage.llm_calls} model ${usage.llm_calls === 1 ? "call" : "calls"}`,
    usage?.cost_usd !== undefined && dollars(usage.cost_usd),
  ];
  const summary = element("summary", "", line.filter(Boolean).join(" · ") || "details");
  const details = element("details", "facts", summary, termsView(Object.entries({ ...rest, usage })));
  if (prompts && Object.keys(prompts).length > 0) details.append(promptsView(prompts));
  if (generated_code) details.append(codeBlock(generated_code, "generated code"));
  return details;
}

/** Formats a cost with two significant digits, and at least two decimals. */
export function dollars(sum) {
  return `US$ ${sum === 0 ? "0" : sum.toFixed(Math.max(2, 2 - Math.floor(Math.log10(sum))))}`;
}

/** The prompts with their content hashes, which are also in data attributes for the workbench. */
function promptsView(prompts) {
  const items = Object.entries(prompts).map(([name, hash]) => {
    const prompt = element("span", "prompt", name, " ", element("code", "", hash));
    prompt.dataset.prompt = name;
    prompt.dataset.hash = hash;
    return element("li", "", prompt);
  });
  return element("div", "prompts", element("p", "label", "prompts"), element("ul", "", ...items));
}
