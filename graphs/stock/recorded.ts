import type { CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import { RunnableToolLike } from "@langchain/core/runnables";
import { DynamicStructuredTool, StructuredTool } from "@langchain/core/tools";

import { take, withPlaces } from "./answer-places.ts";
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
      if ("tools" in part && Array.isArray(part.tools)) {
        const tools = part.tools.map(asTool);
        tools.forEach(prepareTool);
        part.tools = tools;
      } else prepareTools(part);
    }
  }
}

/** A runnable that stands for a tool has no callbacks of one: its calls would neither be told nor kept. */
function asTool(tool: unknown): unknown {
  if (!(tool instanceof RunnableToolLike)) return tool;
  const { name, description = "", schema } = tool;
  return new DynamicStructuredTool({
    name,
    description,
    schema,
    func: (input, _manager, config) => tool.invoke(input, config),
  });
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
    const calls = listenerOf()?.tools;
    if (!manager || !calls) return await call(input, manager, config);
    const places = calls.answerPlaces(manager.runId);
    const known = calls.recorded(manager.runId);
    if (!known) return await call(input, manager, withPlaces(config, places));
    places.push(...take(config, Object(known.output).places));
    const { toolCall } = (config ?? {}) as { toolCall?: { id?: string } }; // as LangChain's tools get it
    const result = await resultFromJson(known.output, toolCall?.id);
    return tool.responseFormat === "content_and_artifact" ? [result, undefined] : result;
  };
  Reflect.set(tool, "_call", recorded);
}
