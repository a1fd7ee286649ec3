import { element } from "./element.js";
import { termsView } from "./value-view.js";

/** What became of a turn: one line, and everything else on request. */
export function factsView(metadata) {
  const { usage, processing_time, model_used, routing, generated_code, prompts, ...rest } = metadata;
  const line = [
    metadata.stopped && "stopped",
    metadata.truncated && "cut by a length limit",
    model_used,
    processing_time !== undefined && `${(processing_time / 1000).toFixed(1)} s`,
    usage && `${usage.input_tokens} → ${usage.output_tokens} tokens`,
    usage && `${usage.llm_calls} model ${usage.llm_calls === 1 ? "call" : "calls"}`,
  ];
  const summary = element("summary", "", line.filter(Boolean).join(" · ") || "details");
  const details = element("details", "facts", summary, termsView(Object.entries({ ...rest, routing, usage, prompts })));
  if (generated_code) details.append(codeView(generated_code));
  return details;
}

function codeView(code) {
  const shown = element("pre", "", element("code", "", code));
  shown.tabIndex = 0;
  return element("div", "", element("p", "label", "generated code"), shown);
}
