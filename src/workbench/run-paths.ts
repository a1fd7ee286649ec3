/** Where a run is: the namespace that LangGraph gives it, and the nodes around the graph that the namespace belongs to. */
interface Place {
  namespace: string;
  around: string[];
}

/**
 * The paths of runs: the names of the nodes that each is in. A graph that a node runs as a graph of its own, as the engines of stock graphs
 * do, has namespaces of its own; only its callbacks tell the node around it.
 */
export class RunPaths {
  readonly #places = new Map<string, Place>();

  begin(runId: string, parentRunId: string | undefined, metadata: Record<string, unknown>): string[] {
    const namespace = String(metadata.langgraph_checkpoint_ns ?? metadata.checkpoint_ns ?? "");
    const parent = this.#places.get(parentRunId ?? "");
    const place = parent ? within(parent, namespace) : { namespace, around: [] };
    this.#places.set(runId, place);
    return pathOf(place);
  }

  end(runId: string): void {
    this.#places.delete(runId);
  }
}

function within(parent: Place, namespace: string): Place {
  if (namespace === "" || continues(parent.namespace, namespace)) return parent;
  if (parent.namespace === "" || continues(namespace, parent.namespace)) return { namespace, around: parent.around };
  return { namespace, around: pathOf(parent) };
}

/** A namespace is another one, or is within it. In a subgraph that keeps its state, the parts around a node have no id. */
function continues(inner: string, outer: string): boolean {
  const parts = inner.split("|");
  return outer
    .split("|")
    .every((part, at) => part === parts[at] || (parts[at] !== undefined && part.split(":", 1)[0] === parts[at]));
}

/** `generation:<id>|plan:<id>` → `["generation", "plan"]`. */
function pathOf({ namespace, around }: Place): string[] {
  return [...around, ...namespace.split("|").flatMap((part) => part.split(":", 1)[0] || [])];
}
