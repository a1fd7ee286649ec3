import type { Graph } from "../../src/workbench/wire/prompts.ts";
import { workingNodes } from "./data/graphs.ts";
import type { Run } from "./data/run-log.ts";

export type NodeState = "idle" | "running" | "failed" | "done";

/**
 * The runs of each node of a graph, ordered by start time. In the conversation's graph, a node's path has one name. In an
 * engine's graph, it has two: engine and node. If an engine has only one node, the engine's own run stands for it.
 */
export function runsByNode(graph: Graph, runs: readonly Run[]): Map<string, Run[]> {
  const nodes = workingNodes(graph);
  const found = new Map<string, Run[]>();
  for (const run of runs.filter(({ kind }) => kind === "node")) {
    const [first, second, ...deeper] = run.path;
    let node: string | undefined;
    if (graph.name === "conversation") node = second === undefined ? first : undefined;
    else if (first === graph.name && deeper.length === 0) node = second ?? (nodes.length === 1 ? nodes[0] : undefined);
    if (node !== undefined && nodes.includes(node)) found.set(node, [...(found.get(node) ?? []), run]);
  }
  return found;
}

/** Pairs of node and state for the drawing, ordered by start time. */
export function statesOf(graph: Graph, runs: readonly Run[]): [string, NodeState][] {
  const pairs = [...runsByNode(graph, runs)].map(([node, ran]): [string, NodeState] => [node, stateOf(ran)]);
  if (pairs.length === 0) return [];
  const outer = runs.filter(({ kind, path: [name, inner] }) => kind === "node" && !inner && isLast(graph, name));
  const isOver = outer.length > 0 && stateOf(outer) === "done";
  return [["__start__", "done"], ...pairs, ...(isOver ? [["__end__", "done"] as [string, NodeState]] : [])];
}

/** Whether the end of this node is the end of the graph: the conversation ends with its engine. */
function isLast(graph: Graph, node: string | undefined): boolean {
  return graph.name === "conversation" ? node !== "router" : node === graph.name;
}

/** The state of several runs: running if any runs, otherwise failed if any failed. */
export function stateOf(runs: readonly Run[]): NodeState {
  const states = new Set<NodeState>(runs.map(({ state }) => state));
  return (["running", "failed", "done"] as const).find((state) => states.has(state)) ?? "idle";
}
