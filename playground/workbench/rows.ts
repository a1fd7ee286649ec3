import type { Graph } from "../../src/workbench/wire/prompts.ts";
import { workingNodes } from "./data/graphs.ts";
import type { Run } from "./data/run-log.ts";
import { runsByNode } from "./graph-states.ts";
import type { TimelineRow } from "./timeline.ts";

/** The rows of a timeline: for an engine's graph, first what ran before it and the engine itself, then its nodes. */
export function rowsOf(graph: Graph, runs: readonly Run[]): TimelineRow[] {
  const byNode = runsByNode(graph, runs);
  const row = (path: string[], own: Run[]): TimelineRow => ({ path, runs: own, calls: callsOf(own, runs) });
  const nodes = workingNodes(graph);
  if (graph.name === "conversation") return nodes.map((node) => row([node], byNode.get(node) ?? []));
  const outer = runs.filter(({ kind, path }) => kind === "node" && path.length === 1);
  const isThisEngine = outer.some(({ path: [name] }) => name === graph.name);
  const before = isThisEngine && nodes.length > 1 ? outer.map((run) => row(run.path, [run])) : [];
  return [...before, ...nodes.map((node) => row([graph.name, node], byNode.get(node) ?? []))];
}

/** The requests that these runs of a node made themselves. */
function callsOf(own: readonly Run[], runs: readonly Run[]): Run[] {
  const paths = new Set(own.map(({ path }) => path.join(".")));
  return runs.filter(({ kind, path }) => kind === "call" && paths.has(path.join(".")));
}
