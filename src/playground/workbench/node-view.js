import { element } from "../element.js";
import { duration } from "./figures.js";
import { jsonView } from "./json-view.js";

/** What went into a node and what came out, for each time that it ran. */
export function nodeView() {
  const root = element("section", "node-view");
  let shown;
  root.setAttribute("aria-label", "What went in and came out");
  root.hidden = true;

  function part(title, value) {
    return element("div", "part", element("h4", "", title), jsonView(value));
  }

  function runView({ state, input, output, error, ms }, index, { length }) {
    const time = ms === undefined ? state : `${state}, ${duration(ms)}`;
    const title = element("p", "about", length > 1 ? `Run ${index + 1}: ${time}` : time);
    const parts = [input !== undefined && part("In", input), output !== undefined && part("Out", output)];
    const problem = error !== undefined && element("p", "problem", error);
    return element("div", `run ${state}`, title, ...[problem, ...parts].filter(Boolean));
  }

  return {
    root,
    clear() {
      root.hidden = true;
      shown = undefined;
    },
    /** Made anew only when something changed: what was opened stays open. */
    show(node, runs) {
      const next = JSON.stringify([node, runs]);
      if (next === shown) return;
      shown = next;
      root.hidden = false;
      const ran = runs.length > 0 ? runs.map(runView) : [element("p", "about", "It did not run.")];
      root.replaceChildren(element("h3", "", node), ...ran);
    },
  };
}
