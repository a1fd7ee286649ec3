import { element } from "../element.js";
import { duration } from "../turn/duration.js";
import { jsonView } from "./json-view.js";

/** What went into a node and what came out, for each time that it ran. */
export function nodeView(node, runs) {
  const ran = runs.map(({ state, input, output, error, ms }) => {
    const time = ms === undefined ? state : `${state} after ${duration(ms)}`;
    const problem = error === undefined ? [] : [element("p", "problem", error)];
    const out = state === "running" ? [] : [jsonView("Out", output)];
    return element("div", "run", element("p", "about", time), ...problem, jsonView("In", input), ...out);
  });
  return element(
    "div",
    "",
    element("h3", "", node),
    ...(ran.length > 0 ? ran : [element("p", "about", "It did not run.")]),
  );
}
