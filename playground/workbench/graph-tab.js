import { element } from "../element.js";
import { graphFrame } from "./graph-frame.js";
import { runsByNode, statesOf } from "./graph-states.js";
import { nodeList } from "./node-list.js";

/** Draws the graph of the conversation or of an engine, with the path of the shown turn. */
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
  const following = element("label", "check", follow, "Follow running nodes");
  pane.append(element("div", "toolbar", label, chooser, following), problem, frame.root, about, ...nodes.parts);

  function say(words) {
    problem.textContent = words;
    problem.hidden = !words;
  }

  function offer() {
    const chosen = chooser.value;
    chooser.replaceChildren(...graphs.all.map(({ name }) => new Option(name.replaceAll("_", " "), name)));
    if (graphs.named(chosen)) chooser.value = chosen;
    say(graphs.fault ? `The graphs on disk have an error: ${graphs.fault}` : "");
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
    if (key === undefined) return "No turn yet. Ask something to see its path.";
    if (!runs.has(key))
      return "This turn ran before the workbench was connected, so its path is unknown. Replay it to see the path.";
    return key === turn.id ? "The path of the selected turn." : "The path of a replay.";
  }

  chooser.addEventListener("change", show);
  shownRun.onChange(show);
  runs.onChange((key) => key === shownRun.key && show());
  runs.onBegin((key, [outer, inner]) => {
    const isEngine = graphs.named(outer)?.nodes.length > 3; // an engine with a single node has no path to show
    if (!follow.checked || key !== shownRun.key || inner !== undefined) return;
    if (outer === "router") chooser.value = "conversation";
    else if (isEngine) chooser.value = outer;
    show();
  });
  graphs.onChange(offer);
  offer();
}
