/** LangChain's metadata of a run inside a graph. */
export type RunMetadata = Record<string, unknown> | undefined;

/** The names of the nodes that a run is in, the outermost first. Empty outside a node. */
export function pathOf(metadata: RunMetadata): string[] {
  return taskOf(metadata)
    .split("|")
    .flatMap((part) => part.split(":")[0] || []);
}

/** The task that a run belongs to, with those around it: `name:id|name:id`. */
export function taskOf(metadata: RunMetadata): string {
  const namespace = metadata?.langgraph_checkpoint_ns ?? metadata?.checkpoint_ns;
  return typeof namespace === "string" ? namespace : "";
}

/** The namespace of the subgraph around a task, if LangGraph keeps its state: then none of its parts has the id of a task. */
export function lastingNamespace(task: string): string {
  const around = task.split("|").slice(0, -1);
  return around.some((part) => part.includes(":")) ? "" : around.join("|");
}

/** Its text is not for the user. */
export function isHidden(tags: readonly string[] = []): boolean {
  return tags.includes("nostream") || tags.includes("langsmith:nostream");
}
