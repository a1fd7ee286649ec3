import type { CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import { StructuredTool } from "@langchain/core/tools";

import { listenerOf } from "./current.ts";
import { describe } from "./prepared.ts";
import { resultFromJson } from "./tool-results.ts";

/** What of a compiled graph leads to its tools. */
interface WithNodes {
  nodes?: Record<string, { bound?: unknown; subgraphs?: unknown[] }>;
}

const prepared = new WeakSet<object>();

/**
 * Prepares the tools in the tool nodes of a graph: after a crash, a call that has finished gives its recorded result instead of running
 * again. A node runs all its tools, and only LangGraph knows whether it has finished.
 */
export function prepareTools(graph: object): void {
  if (prepared.has(graph)) return;
  prepared.add(graph);
  for (const { bound, subgraphs = [] } of Object.values((graph as WithNodes).nodes ?? {})) {
    for (const part of [bound, ...subgraphs]) {
      if (typeof part !== "object" || part === null) continue;
      if ("tools" in part && Array.isArray(part.tools)) part.tools.forEach(prepareTool);
      else prepareTools(part);
    }
  }
}

function prepareTool(tool: unknown): void {
  if (!(tool instanceof StructuredTool) || prepared.has(tool)) return;
  prepared.add(tool);
  describe(tool);
  const call: (input: unknown, manager?: CallbackManagerForToolRun, config?: unknown) => Promise<unknown> = Reflect.get(
    tool,
    "_call",
  ).bind(tool);
  const recorded: typeof call = async (input, manager, config) => {
    const known = manager && listenerOf()?.recordedResult(manager.runId);
    if (!known) return await call(input, manager, config);
    const { toolCall } = (config ?? {}) as { toolCall?: { id?: string } }; // as LangChain's tools get it
    const result = await resultFromJson(known.output, toolCall?.id);
    return tool.responseFormat === "content_and_artifact" ? [result, undefined] : result;
  };
  Reflect.set(tool, "_call", recorded);
}
