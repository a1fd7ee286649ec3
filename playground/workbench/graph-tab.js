import { element } from "../element.js";
import { graphFrame } from "./graph-frame.js";
import { runsByNode, statesOf } from "./graph-states.js";
import { nodeList } from "./node-list.js";

/** The conversation's graph or an engine's, with what of it runs and ran in the turn that is shown. */
export function graphTab(pane, { graphs, runs, turn, shownRun }) {
  const chooser = element("select", "");
  const follow = element("input", "");
  const about = element("p", "about");
  const problem = element("p", "problem");
  const nodes = nodeList();
  const frame = graphFrame({ picked: nodes.pick, failed: (message) => say(`The graph cannot be drawn: ${message}`) });
  chooser.id = "graph-chooser";
  follow.type = "checkbox";
  follow.checked = true;
  problem.role = "status";

  const label = element("label", "", "Graph");
  label.htmlFor = chooser.id;
  const following = element("label", "check", follow, "Follow what runs");
  pane.append(element("div", "toolbar", label, chooser, following), problem, frame.root, about, ...nodes.parts);

  function say(words) {
    problem.textContent = words;
    problem.hidden = !words;
  }

  function offer() {
    const chosen = chooser.value;
    chooser.replaceChildren(...graphs.all.map(({ name }) => new Option(name.replaceAll("_", " "), name)));
    if (graphs.named(chosen)) chooser.value = chosen;
    say(graphs.fault ? `The graphs on disk are broken: ${graphs.fault}` : "");
    show();
  }

  function show() {
    const graph = graphs.named(chooser.value);
    if (!graph) return;
    const key = shownRun.key;
    const ran = runs.of(key);
    frame.show(graph.mermaid, statesOf(graph, ran));
    nodes.show(graph, runsByNode(graph, ran));
    about.textContent = words(key);
  }

  function words(key) {
    if (key === undefined) return "No turn yet: ask something, and watch its way.";
    if (!runs.has(key))
      return "This turn ran before the workbench was there, so its way is not known. A replay shows it.";
    return key === turn.id ? "The way of the selected turn." : "The way of a replay.";
  }

  chooser.addEventListener("change", show);
  shownRun.onChange(show);
  runs.onChange((key) => key === shownRun.key && show());
  runs.onBegin((key, [outer, inner]) => {
    const isEngine = graphs.named(outer)?.nodes.length > 3; // one node between start and end is no way to follow
    if (!follow.checked || key !== shownRun.key || inner !== undefined) return;
    if (outer === "router") chooser.value = "conversation";
    else if (isEngine) chooser.value = outer;
    show();
  });
  graphs.onChange(offer);
  offer();
}
