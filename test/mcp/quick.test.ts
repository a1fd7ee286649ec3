import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createAgent } from "langchain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { Dialects } from "../../graphs/dialects.ts";
import { mcpTools } from "../../graphs/mcp.ts";
import { model as serverModel } from "../../graphs/model.ts";
import { loadPrompts } from "../../graphs/prompt.ts";
import { stock } from "../../graphs/stock.ts";
import { config } from "../../src/config.ts";
import { type McpServers, mcpServers } from "../../src/mcp/servers.ts";
import { chatModels, routingPolicy } from "../../src/models/models.ts";
import { prices } from "../../src/models/prices.ts";
import { logger } from "../../src/telemetry/log.ts";
import { ledger } from "../../src/turns/ledger.ts";
import { contextOf, silentHost } from "../../src/turns/silent-host.ts";
import { type ModelServer, startModelServer } from "../support/model-server.ts";

const agent = createAgent({ model: serverModel(), tools: [...mcpTools("sums"), ...mcpTools("gone")] });
const graph = stock(agent);
const log = logger("silent");
let http: Server;
let model: ModelServer;
let servers: McpServers;
let url: string;

/** A server without sessions: each request has its own. */
async function answer(request: Parameters<StreamableHTTPServerTransport["handleRequest"]>[0], response: never) {
  const server = new McpServer({ name: "sums", version: "1.0.0" });
  const inputSchema = { a: z.number(), b: z.number() };
  server.registerTool("add", { description: "Adds.", inputSchema }, ({ a, b }) => ({
    content: [{ type: "text", text: String(a + b) }],
  }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

beforeAll(async () => {
  http = createServer((request, response) => void answer(request, response as never));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/mcp`;
  model = await startModelServer();
  const common = { timeout: 5_000, disabled: false, headers: {} };
  servers = mcpServers(
    [
      { name: "sums", ...common, url },
      { name: "gone", ...common, url: "http://127.0.0.1:1/mcp" },
    ],
    { name: "test", version: "1" },
    log,
  );
});

afterAll(async () => {
  await servers.close();
  await model.close();
  http.closeAllConnections();
  http.close();
});

async function ask(): Promise<string> {
  const settings = config({ OPENAI_BASE_URL: model.url, OPENAI_API_KEY: "test" });
  const services = {
    models: chatModels(settings),
    price: prices(settings),
    dialects: new Dialects(),
    routing: routingPolicy(settings),
    mcp: servers.server,
  };
  const host = silentHost(services, loadPrompts(settings.PROMPTS_DIR), ledger());
  const request = { context: {}, options: {}, preferences: {}, sampling: [] };
  const context = contextOf(request, host, { messages: [], summary: "" });
  return (await graph.invoke({ question: "2 + 40?" }, { context })).answer;
}

describe("tools of MCP servers in a graph", () => {
  it("are offered to the model and called, while those of a server that is down fail", async () => {
    model.next(
      { toolCalls: [{ name: "add", args: { a: 2, b: 40 } }] },
      { toolCalls: [{ name: "gone", args: {} }] },
      "It is 42.",
    );
    expect(await ask()).toBe("It is 42.");
    const [first, second, third] = model.requests;
    expect(first?.tools.map((tool) => tool.function)).toMatchObject([
      { name: "add", description: "Adds.", parameters: { properties: { a: { type: "number" } } } },
      { name: "gone" },
    ]);
    expect(second?.messages.at(-1)).toMatchObject({ role: "tool", content: "42" });
    expect(third?.messages.at(-1)?.content).toContain("The server gone does not answer.");
  });

  it("are listed with the state of their server", () => {
    expect(servers.list()).toEqual([
      { name: "sums", state: "connected", tools: [{ name: "add", description: "Adds." }] },
      { name: "gone", state: "down", tools: [] },
    ]);
  });
});

describe("the setting MCP_SERVERS", () => {
  function settingOf(text: string) {
    const folder = mkdtempSync(join(tmpdir(), "mcp-"));
    const file = join(folder, "mcp.json");
    writeFileSync(file, text);
    try {
      return config({ MCP_SERVERS: file }).MCP_SERVERS;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it("names servers in the form of other clients, whose other keys do not matter", () => {
    const mcpServers = {
      files: { command: "npx", args: ["-y", "server"], env: { A: "b" }, autoApprove: ["read"] },
      web: { type: "streamable-http", url: "https://example.com/mcp", headers: { Authorization: "Bearer x" } },
      off: { command: "npx", disabled: true },
    };
    expect(settingOf(JSON.stringify({ mcpServers }))).toMatchObject([
      { name: "files", command: "npx", args: ["-y", "server"], env: { A: "b" }, timeout: 60_000 },
      { name: "web", url: "https://example.com/mcp" },
    ]);
    expect(config({}).MCP_SERVERS).toEqual([]);
  });

  it.each([
    ["{", /expected JSON of the form/],
    ['{"servers": {}}', /expected JSON of the form/],
    ['{"mcpServers": {"a b": {"command": "x"}}}', /the server "a b" needs a name of/],
    ['{"mcpServers": {"a": {}}}', /the server "a" needs a command or a url/],
    ['{"mcpServers": {"a": {"command": "x", "url": "http://x"}}}', /needs a command or a url/],
    ['{"mcpServers": {"a": {"command": "x", "args": "y"}}}', /the server "a" has a wrong args/],
    ['{"mcpServers": {"a": {"url": "ftp://x"}}}', /the server "a" has a wrong url/],
    ['{"mcpServers": {"a": {"type": "sse", "url": "http://x"}}}', /uses SSE/],
  ])("%s stops the start with a sentence", (text, problem) => {
    expect(() => settingOf(text)).toThrow(problem);
  });

  it("a file that is missing stops the start", () => {
    expect(() => config({ MCP_SERVERS: "no/such.json" })).toThrow(/MCP_SERVERS: no\/such.json: cannot be read/);
  });
});
