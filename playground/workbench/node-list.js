import { button } from "../button.js";
import { element } from "../element.js";
import { duration } from "../turn/duration.js";
import { stateOf, workingNodes } from "./graph-states.js";
import { nodeView } from "./node-view.js";

const words = { idle: "did not run", running: "running", done: "done", failed: "failed" };

/** An accessible list of the nodes, and the input and output of the selected one. */
export function nodeList() {
  const list = element("ol", "nodes");
  const view = element("section", "");
  let items = new Map();
  let runs = new Map();
  let picked;
  let shown;
  view.ariaLabel = "Input and output";

  function itemOf(node) {
    const state = element("span", "state");
    const press = button("", () => pick(node));
    const item = element("li", "", press);
    press.append(element("span", "name", node), state);
    press.addEventListener("focus", () => pick(node));
    item.dataset.node = node;
    return [node, { item, press, state }];
  }

  function pick(node) {
    if (node !== undefined && !items.has(node)) return;
    picked = node;
    for (const [name, { press }] of items) press.ariaPressed = String(name === picked);
    showPicked();
  }

  /** Renders only after a change, so that open sections stay open. */
  function showPicked() {
    const ran = runs.get(picked) ?? [];
    const next = JSON.stringify([picked, ran]);
    if (next !== shown) view.replaceChildren(...(picked ? [nodeView(picked, ran)] : []));
    shown = next;
  }

  return {
    parts: [list, view],
    pick,
    show(graph, runsByNode) {
      runs = runsByNode;
      const nodes = workingNodes(graph);
      if (nodes.join() !== [...items.keys()].join()) {
        items = new Map(nodes.map(itemOf));
        list.replaceChildren(...[...items.values()].map(({ item }) => item));
        pick(undefined);
      }
      for (const [node, { item, state }] of items) {
        const ran = runs.get(node) ?? [];
        const ms = Math.max(...ran.map((run) => run.ms ?? 0));
        item.dataset.state = stateOf(ran);
        state.textContent = `${words[stateOf(ran)]}${ran.length > 1 ? ` × ${ran.length}` : ""}${ms > 0 ? `, ${duration(ms)}` : ""}`;
      }
      showPicked();
    },
  };
}
