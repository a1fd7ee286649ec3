import type { Host, JsonObject } from "../../graphs/host.ts";
import type { McpServer, McpToolFacts } from "../../graphs/mcp-server.ts";
import { unknownMcpServer } from "../../graphs/mcp-server.ts";
import type { Log } from "../telemetry/log.ts";
import { McpConnection } from "./connection.ts";
import { resultText } from "./result-text.ts";
import type { McpSettings } from "./server-file.ts";

/** After a server did not answer, turns ask it again this much later. */
const retryMs = 5_000;

/** A server as the workbench shows it. */
export interface McpListing {
  name: string;
  state: McpConnection["state"];
  tools: { name: string; description: string }[];
}

/** The MCP servers of the settings. */
export interface McpServers {
  server: Host["mcp"];
  /** Names them all, with their tools as last known. */
  list(): McpListing[];
  /** Connects to all. Never rejects. */
  connect(): Promise<void>;
  /** Ends their processes. */
  close(): Promise<void>;
}

/** `ourselves` is what the servers are told of their client. */
export function mcpServers(
  settings: readonly McpSettings[],
  ourselves: { name: string; version: string },
  log: Log,
): McpServers {
  const connections = settings.map((one) => new McpConnection(one, ourselves, log));
  const servers = new Map(connections.map((one) => [one.settings.name, serverOn(one)]));
  return {
    server: (name) => servers.get(name) ?? unknownMcpServer(name),
    list: () =>
      connections.map(({ settings: { name }, state, tools = [] }) => ({
        name,
        state,
        tools: tools.map((tool) => ({ name: tool.name, description: tool.description })),
      })),
    async connect() {
      await Promise.all([...servers.values()].map((server) => server.ready()));
    },
    async close() {
      await Promise.all(connections.map((one) => one.close()));
    },
  };
}

function serverOn(connection: McpConnection): McpServer {
  let failedAt: number | undefined;
  let facts: readonly McpToolFacts[] | undefined;
  let described: McpConnection["tools"];

  let attempt: Promise<void> | undefined;

  function connect(): Promise<void> {
    attempt ??= attemptOnce().finally(() => {
      attempt = undefined;
    });
    return attempt;
  }

  async function attemptOnce(): Promise<void> {
    try {
      await connection.open();
      failedAt = undefined;
    } catch (error) {
      failedAt = performance.now();
      throw new Error(`The server ${connection.settings.name} does not answer.`, { cause: error });
    }
  }

  return {
    connect,
    get tools() {
      if (described !== connection.tools) facts = connection.tools?.map(factsOf);
      described = connection.tools;
      return facts;
    },
    /** Only the first attempt is worth waiting for: a server that has failed may hang. */
    async ready() {
      if (connection.state === "connected") return;
      if (failedAt !== undefined && performance.now() - failedAt < retryMs) return;
      const hasFailed = failedAt !== undefined;
      const attempt = connect().catch(() => {});
      if (!hasFailed) await attempt;
    },
    async call(name, args, signal) {
      if (connection.state !== "connected") await connect();
      const tool = connection.tools?.find((one) => one.name === name);
      if (!tool) throw new Error(`The server has no tool ${JSON.stringify(name)}.`);
      const { timeout } = connection.settings;
      const returned: unknown = await tool.func(args, undefined, { signal, timeout });
      return resultText(Array.isArray(returned) ? returned[0] : returned);
    },
  };
}

function factsOf({ name, description, schema, metadata }: NonNullable<McpConnection["tools"]>[number]): McpToolFacts {
  const { readOnlyHint, idempotentHint } = (metadata?.annotations ?? {}) as Record<string, unknown>;
  const repeatable = readOnlyHint === true || idempotentHint === true;
  return { name, description, schema: schema as JsonObject, repeatable }; // MCP servers describe arguments as JSON schemas
}
