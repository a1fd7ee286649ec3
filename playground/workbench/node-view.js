import { element } from "../element.js";
import { duration } from "../turn/duration.js";
import { jsonView } from "./json-view.js";

/** The input and output of each run of a node. */
export function nodeView(node, runs) {
  const ran = runs.map(({ state, input, output, error, ms }) => {
    const time = ms === undefined ? state : `${state} after ${duration(ms)}`;
    const problem = error === undefined ? [] : [element("p", "problem", error)];
    const out = state === "running" ? [] : [jsonView("Output", output)];
    return element("div", "run", element("p", "about", time), ...problem, jsonView("Input", input), ...out);
  });
  return element(
    "div",
    "",
    element("h3", "", node),
    ...(ran.length > 0 ? ran : [element("p", "about", "This node did not run.")]),
  );
}
