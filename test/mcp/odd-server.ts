import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

/** An MCP server over stdio whose tools misbehave. */
const server = new McpServer({ name: "odd", version: "1.0.0" });

const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });

server.registerTool("much", { description: "Says very much." }, () => text("word ".repeat(100_000)));
server.registerTool("hang", { description: "Never answers." }, () => new Promise<never>(() => {}));
server.registerTool("die", { description: "Ends the server." }, () => process.exit(1));
server.registerTool("refuse", { description: "Refuses." }, () => ({ ...text("no such order"), isError: true }));
server.registerTool("odd.name/1", { description: "Has a name that model servers refuse." }, () => text("odd"));
server.registerTool(
  "double",
  { description: "Doubles.", inputSchema: { number: z.number() }, annotations: { readOnlyHint: true } },
  ({ number }) => text(String(number * 2)),
);

await server.connect(new StdioServerTransport());
