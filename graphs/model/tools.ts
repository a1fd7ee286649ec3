import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { AIMessage } from "@langchain/core/messages";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";

import type { FunctionTool } from "../chat-model.ts";
import { guess, McpTool } from "../mcp.ts";
import { currentTurn } from "../stock/current.ts";

/** A tool as a model gets it. One of an MCP server is described anew for each request. */
type BoundTool = FunctionTool & { live?: McpTool };

export function bound(tool: BindToolsInput): BoundTool {
  const described = convertToOpenAITool(tool) as FunctionTool;
  return tool instanceof McpTool ? { ...described, live: tool } : described;
}

type Ask = (tools: FunctionTool[] | undefined) => Promise<AIMessage>;

/** Asks a model with what the MCP servers among its tools have at the moment. */
export function askWithTools(tools: readonly BoundTool[] | undefined, ask: Ask): Promise<AIMessage> {
  const live = (tools ?? []).flatMap((tool) => tool.live ?? []);
  return live.length > 0 && tools ? askLive(tools, live, ask) : ask(tools as FunctionTool[] | undefined);
}

async function askLive(tools: readonly BoundTool[], live: readonly McpTool[], ask: Ask): Promise<AIMessage> {
  const { host } = currentTurn().context;
  const servers = [...new Set(live.map(({ server }) => server))].map((name) => host.mcp(name));
  await Promise.all(servers.map((server) => server.ready()));
  const given = offered(tools);
  const reply = await ask(given);
  if (servers.some((server) => !server.tools)) guess(host, madeUp(reply, given));
  return reply;
}

/** The tools of the servers that answer; of those with the same name the first. */
function offered(tools: readonly BoundTool[]): FunctionTool[] {
  const byName = new Map<string, FunctionTool>();
  for (const { live, ...tool } of tools) {
    if (live && !live.isTaken) continue;
    const { function: described } = live ? bound(live) : tool;
    if (!byName.has(described.name)) byName.set(described.name, { type: "function", function: described });
  }
  return [...byName.values()];
}

function madeUp({ tool_calls = [] }: AIMessage, given: readonly FunctionTool[]): string[] {
  const names = new Set(given.map((tool) => tool.function.name));
  return tool_calls.flatMap(({ name }) => (names.has(name) ? [] : name));
}
