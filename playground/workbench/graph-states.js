const ends = ["__start__", "__end__"];

/** The nodes that do something. */
export function workingNodes({ nodes }) {
  return nodes.filter((node) => !ends.includes(node));
}

/**
 * The runs of each node of a graph, in the order in which the nodes began. The conversation's nodes, engines among them,
 * have a path of one name; an engine's nodes lie inside, but an engine of one node is that node.
 */
export function runsByNode(graph, runs) {
  const nodes = workingNodes(graph);
  const found = new Map();
  for (const run of runs) {
    const [first, second, ...deeper] = run.path;
    let node;
    if (graph.name === "conversation") node = second === undefined ? first : undefined;
    else if (first === graph.name && deeper.length === 0) node = second ?? (nodes.length === 1 ? nodes[0] : undefined);
    if (nodes.includes(node)) found.set(node, [...(found.get(node) ?? []), run]);
  }
  return found;
}

/** What is lit: pairs of node and state, in the order in which the nodes began. */
export function statesOf(graph, runs) {
  const pairs = [...runsByNode(graph, runs)].map(([node, ran]) => [node, stateOf(ran)]);
  if (pairs.length === 0) return [];
  const outer = runs.filter(({ path: [name, inner] }) => !inner && name === outermost(graph));
  const isOver = outer.length > 0 && stateOf(outer) === "done";
  return [["__start__", "done"], ...pairs, ...(isOver ? [["__end__", "done"]] : [])];
}

/** The run whose end is the end of the graph. */
function outermost({ name }) {
  return name === "conversation" ? "remember" : name;
}

/** Of several runs at once: one that goes on, one that failed. */
export function stateOf(runs) {
  const states = new Set(runs.map(({ state }) => state));
  return ["running", "failed", "done"].find((state) => states.has(state)) ?? "idle";
}
