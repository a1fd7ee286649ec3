import { button } from "../button.js";
import { element } from "../element.js";
import { duration } from "./figures.js";
import { stateOf, workingNodes } from "./graph-states.js";
import { nodeView } from "./node-view.js";

const words = { idle: "did not run", running: "running", done: "done", failed: "failed" };

/** The nodes in words, for those who do not see the drawing, and what went in and out of the one that is picked. */
export function nodeList() {
  const list = element("ol", "nodes");
  const view = nodeView();
  const root = element("div", "", list, view.root);
  let graphName;
  let items = new Map();
  let runs = new Map();
  let picked;

  function itemOf(node) {
    const state = element("span", "state");
    const press = button("", () => pick(node));
    press.append(element("span", "name", node), state);
    press.addEventListener("focus", () => pick(node));
    const item = element("li", "", press);
    item.dataset.node = node;
    list.append(item);
    return [node, { item, press, state }];
  }

  function pick(node) {
    if (!items.has(node)) return;
    picked = node;
    for (const [name, { press }] of items) press.setAttribute("aria-pressed", String(name === node));
    view.show(node, runs.get(node) ?? []);
  }

  return {
    root,
    pick,
    show(graph, runsByNode) {
      runs = runsByNode;
      const nodes = workingNodes(graph);
      if (graph.name !== graphName || nodes.join() !== [...items.keys()].join()) {
        graphName = graph.name;
        list.replaceChildren();
        items = new Map(nodes.map(itemOf));
        picked = undefined;
        view.clear();
      }
      for (const [node, { item, state }] of items) {
        const ran = runs.get(node) ?? [];
        item.dataset.state = stateOf(ran);
        const ms = Math.max(...ran.map((run) => run.ms ?? 0));
        const times = ran.length > 1 ? ` × ${ran.length}` : "";
        state.textContent = `${words[item.dataset.state]}${times}${ms > 0 ? `, ${duration(ms)}` : ""}`;
      }
      if (picked) view.show(picked, runs.get(picked) ?? []);
    },
  };
}
