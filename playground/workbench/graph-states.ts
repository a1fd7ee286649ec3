import type { Graph } from "../../src/workbench/wire/prompts.ts";
import { hasPath, workingNodes } from "./data/graphs.ts";
import type { Run, RunState } from "./data/run.ts";

export type NodeState = "idle" | RunState;

/**
 * The node of a graph that a run is of, as the graph names it. In the conversation's graph, a node's path has one name; in an engine's graph,
 * it has the engine before the node and those around it. If an engine of ours has only one node, the engine's own run stands for it.
 */
export function nodeOf(graph: Graph, { path }: Run): string | undefined {
  const [first, ...inner] = path;
  if (graph.name === "conversation") return inner.length === 0 ? first : undefined;
  if (first !== graph.name) return undefined;
  return inner.length > 0 ? inner.join(":") : hasPath(graph) ? undefined : workingNodes(graph)[0];
}

/** The runs of each node of a graph, ordered by start time. */
export function runsByNode(graph: Graph, runs: readonly Run[]): Map<string, Run[]> {
  const nodes = workingNodes(graph);
  const found = new Map<string, Run[]>();
  for (const run of runs.filter(({ kind }) => kind === "node")) {
    const node = nodeOf(graph, run);
    if (node !== undefined && nodes.includes(node)) found.set(node, [...(found.get(node) ?? []), run]);
  }
  return found;
}

/** Pairs of node and state for the drawing, ordered by start time. */
export function statesOf(graph: Graph, runs: readonly Run[]): [string, NodeState][] {
  const ran = [...runsByNode(graph, runs)];
  if (ran.length === 0) return [];
  const pairs = withEdges(graph, ran).map(([node, state]): [string, NodeState] => [drawnName(node), state]);
  const outer = runs.filter(({ kind, path: [name, inner] }) => kind === "node" && !inner && isLast(graph, name));
  const isOver = outer.length > 0 && stateOf(outer) === "done";
  return [["__start__", "done"], ...pairs, ...(isOver ? [["__end__", "done"] as [string, NodeState]] : [])];
}

/** The starts and ends of subgraphs are drawn too: a subgraph whose nodes have all ended is at its end. */
function withEdges(graph: Graph, ran: readonly [string, Run[]][]): [string, NodeState][] {
  const all = ran.map(([node, own]): [string, NodeState] => [node, stateOf(own)]);
  for (const start of graph.nodes.filter((node) => node.endsWith(":__start__"))) {
    const subgraph = start.slice(0, -"__start__".length);
    const isInside = ([node]: [string, NodeState]) => node.startsWith(subgraph);
    const first = all.findIndex(isInside);
    if (first < 0) continue;
    all.splice(first, 0, [start, "done"]);
    const inside = all.filter(isInside);
    if (inside.every(([, state]) => state === "done"))
      all.splice(all.findLastIndex(isInside) + 1, 0, [`${subgraph}__end__`, "done"]);
  }
  return all;
}

/** The name of a node in LangGraph's drawing. */
export function drawnName(node: string): string {
  return node.replace(/[^\w-]/g, "_");
}

/** Whether the end of this node is the end of the graph: the conversation ends with its engine. */
function isLast(graph: Graph, node: string | undefined): boolean {
  return graph.name === "conversation" ? node !== "router" : node === graph.name;
}

/** The state of several runs: running if any runs, otherwise failed if any failed, otherwise waiting if any waits. */
export function stateOf(runs: readonly Run[]): NodeState {
  const states = new Set<NodeState>(runs.map(({ state }) => state));
  return (["running", "failed", "waiting", "done"] as const).find((state) => states.has(state)) ?? "idle";
}
