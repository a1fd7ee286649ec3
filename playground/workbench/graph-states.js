const ends = ["__start__", "__end__"];

/** A graph's nodes without start and end. */
export function workingNodes({ nodes }) {
  return nodes.filter((node) => !ends.includes(node));
}

/**
 * The runs of each node of a graph, ordered by start time. In the conversation's graph, a node's path has one name. In an
 * engine's graph, it has two: engine and node. If an engine has only one node, the engine's own run stands for it.
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

/** Pairs of node and state for the drawing, ordered by start time. */
export function statesOf(graph, runs) {
  const pairs = [...runsByNode(graph, runs)].map(([node, ran]) => [node, stateOf(ran)]);
  if (pairs.length === 0) return [];
  const outer = runs.filter(({ path: [name, inner] }) => !inner && isLast(graph, name));
  const isOver = outer.length > 0 && stateOf(outer) === "done";
  return [["__start__", "done"], ...pairs, ...(isOver ? [["__end__", "done"]] : [])];
}

/** Whether the end of this node is the end of the graph: the conversation ends with its engine. */
function isLast(graph, node) {
  return graph.name === "conversation" ? node !== "router" : node === graph.name;
}

/** The state of several runs: running if any runs, otherwise failed if any failed. */
export function stateOf(runs) {
  const states = new Set(runs.map(({ state }) => state));
  return ["running", "failed", "done"].find((state) => states.has(state)) ?? "idle";
}
