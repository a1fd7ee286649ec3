import { signal } from "@preact/signals";

import type { Graph, Graphs } from "../../../src/workbench/wire/prompts.ts";
import { workbench } from "../../session/workbench-link.ts";
import { whileJoined } from "./joined.ts";

const all = signal<readonly Graph[]>([]);
const fault = signal<string | null>(null);

/** The server's graphs. With `npm run dev`, they change when their files do. */
export const graphs = {
  all,
  fault,
  named: (name: string | undefined) => all.value.find((graph) => graph.name === name),
};

function take(shown: Graphs): void {
  all.value = shown.graphs;
  fault.value = shown.graph_fault;
}

workbench.on<Graphs>("graphs_changed", take);
whileJoined(take);

/** A graph's nodes without the starts and ends, also those of subgraphs. */
export function workingNodes({ nodes }: Graph): string[] {
  return nodes.filter((node) => !/(?:^|:)__(?:start|end)__$/.test(node));
}

/** An engine of ours with a single node runs as that node: it has no path of its own. */
export function hasPath(graph: Graph | undefined): graph is Graph {
  return graph !== undefined && graph.name !== "conversation" && (graph.is_stock || workingNodes(graph).length > 1);
}
