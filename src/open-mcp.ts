import { declaredMcpServers } from "../graphs/mcp.ts";
import { unknownMcpServer } from "../graphs/mcp-server.ts";
import packageJson from "../package.json" with { type: "json" };
import type { Config } from "./config.ts";
import type { McpServers } from "./mcp/servers.ts";
import type { Log } from "./telemetry/log.ts";

/** The MCP servers of the settings. The code that speaks with them is loaded only if there are any. */
export async function openMcp({ MCP_SERVERS }: Config, log: Log): Promise<McpServers> {
  const names = new Set(MCP_SERVERS.map(({ name }) => name));
  const missing = [...declaredMcpServers()].filter((name) => !names.has(name));
  if (missing.length > 0) log.warn({ servers: missing }, "graphs use MCP servers that MCP_SERVERS does not name");
  if (MCP_SERVERS.length === 0) return none;
  const { mcpServers } = await import("./mcp/servers.ts");
  return mcpServers(MCP_SERVERS, { name: packageJson.name, version: packageJson.version }, log);
}

const none: McpServers = {
  server: unknownMcpServer,
  list: () => [],
  connect: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
