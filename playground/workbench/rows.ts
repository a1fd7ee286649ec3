import type { Graph } from "../../src/workbench/wire/prompts.ts";
import { hasPath, workingNodes } from "./data/graphs.ts";
import type { Run } from "./data/run.ts";
import { nodeOf, runsByNode } from "./graph-states.ts";
import type { TimelineRow } from "./timeline.ts";

/**
 * The rows of a timeline: for an engine's graph, first what ran before it and the engine itself, then its nodes, each with its tools; at the end
 * the times in which the turn waited.
 */
export function rowsOf(graph: Graph, runs: readonly Run[]): TimelineRow[] {
  const waits = runs.filter(({ kind }) => kind === "wait");
  const all = [...nodeRows(graph, runs), ...strayToolRows(graph, runs)];
  return waits.length > 0 ? [...all, { kind: "wait", path: ["waits"], runs: waits, calls: [] }] : all;
}

function nodeRows(graph: Graph, runs: readonly Run[]): TimelineRow[] {
  const byNode = runsByNode(graph, runs);
  const row = (path: string[], own: Run[]): TimelineRow => ({
    kind: "node",
    path,
    runs: own,
    calls: callsOf(own, runs),
  });
  const nodes = workingNodes(graph);
  if (graph.name === "conversation") return nodes.map((node) => row([node], byNode.get(node) ?? []));
  const outer = runs.filter(({ kind, path }) => kind === "node" && path.length === 1);
  const isThisEngine = outer.some(({ path: [name] }) => name === graph.name);
  const names = isThisEngine && hasPath(graph) ? [...new Set(outer.map(({ path: [name = ""] }) => name))] : [];
  const before = names.map((name) =>
    row(
      [name],
      outer.filter(({ path }) => path[0] === name),
    ),
  );
  const drawn = nodes.flatMap((node) => {
    const path = [graph.name, ...node.split(":")];
    return [row(path, byNode.get(node) ?? []), ...toolRows(path, runs)];
  });
  return [...before, ...drawn, ...undrawnRows(graph, runs, row)];
}

/** Nodes that the drawing does not have: subgraphs themselves, and those that only a running graph knows. */
function undrawnRows(
  graph: Graph,
  runs: readonly Run[],
  row: (path: string[], own: Run[]) => TimelineRow,
): TimelineRow[] {
  const nodes = workingNodes(graph);
  const undrawn = runs.filter((run) => run.kind === "node" && !nodes.includes(nodeOf(graph, run) ?? nodes[0] ?? ""));
  const byPath = Map.groupBy(undrawn, ({ path }) => path.join("."));
  return [...byPath.values()].flatMap((own) => {
    const path = own[0]?.path ?? [];
    return [row(path, own), ...toolRows(path, runs)];
  });
}

/** The tools that a node calls, with all calls of each. */
function toolRows(node: readonly string[], runs: readonly Run[]): TimelineRow[] {
  const calls = runs.filter(({ kind, path }) => kind === "tool" && path.join(".") === node.join("."));
  return [...Map.groupBy(calls, ({ name = "" }) => name)].map(([name, own]) => ({
    kind: "tool",
    path: [...node, name],
    runs: own,
    calls: [],
  }));
}

/** Tools of an engine whose node is not known. */
function strayToolRows(graph: Graph, runs: readonly Run[]): TimelineRow[] {
  return graph.name === "conversation" ? [] : toolRows([graph.name], runs);
}

/** The requests that these runs of a node made themselves. */
function callsOf(own: readonly Run[], runs: readonly Run[]): Run[] {
  const paths = new Set(own.map(({ path }) => path.join(".")));
  return runs.filter(({ kind, path }) => kind === "call" && paths.has(path.join(".")));
}
