import { loadMcpTools } from "@langchain/mcp-adapters";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  type CallToolRequest,
  ErrorCode,
  type Implementation,
  type ListToolsRequest,
  McpError,
  type ReadResourceRequest,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";

import type { Log } from "../telemetry/log.ts";
import type { McpSettings } from "./server-file.ts";
import { neverArrived, transportTo } from "./transport.ts";

/** Longest start of a server, up to its list of tools. */
const connectMs = 10_000;

/** Longest silence of a server that there is doubt about. */
const pingMs = 3_000;

/** In UTF-16 units. What the log tells of what a process wrote to stderr before it failed to start. */
const maxSaidUnits = 2_000;

type LoadedTools = Awaited<ReturnType<typeof loadMcpTools>>;
type LoadingClient = Parameters<typeof loadMcpTools>[1];

/** The connection to an MCP server. It is opened when it is needed, and again after it broke. */
export class McpConnection {
  readonly settings: McpSettings;
  /** As last told. */
  tools: LoadedTools | undefined;
  readonly #ourselves: Implementation;
  readonly #log: Log;
  #client: Client | undefined;
  #transport: Transport | undefined;
  #opening: Promise<Client> | undefined;
  #isChecking = false;
  #isClosed = false;

  constructor(settings: McpSettings, ourselves: Implementation, log: Log) {
    this.settings = settings;
    this.#ourselves = ourselves;
    this.#log = log;
  }

  get state(): "connected" | "connecting" | "down" {
    if (this.#client) return "connected";
    return this.#opening ? "connecting" : "down";
  }

  /** Rejects if the server does not answer. */
  open(): Promise<Client> {
    if (this.#client) return Promise.resolve(this.#client);
    if (this.#isClosed) return Promise.reject(new Error("The server is shutting down."));
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Ends the server's process, if it has one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#transport?.close();
  }

  async #connect(): Promise<Client> {
    const { name: server } = this.settings;
    const client = new Client(this.#ourselves);
    client.onclose = () => this.#lost(client);
    client.onerror = () => void this.#check(client);
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => this.#load());
    let said = "";
    const transport = transportTo(this.settings, (text) => {
      // Later it may be about users' messages.
      if (this.#client !== client) said = (said + text).slice(-maxSaidUnits);
    });
    this.#transport = transport;
    try {
      await client.connect(transport, { timeout: connectMs });
      this.#client = client;
      await this.#load();
    } catch (error) {
      this.#client = undefined;
      await transport.close();
      // Not the error itself: it may have arguments of the command, and these may be keys.
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warn({ server, reason, ...(said !== "" && { said }) }, "an MCP server does not answer");
      throw error;
    }
    this.#log.info({ server, tools: this.tools?.length }, "connected to an MCP server");
    return client;
  }

  /** Through this connection, whichever client it has at the moment. */
  async #load(): Promise<void> {
    const calls = {
      listTools: (params: ListToolsRequest["params"]) =>
        this.open().then((client) => client.listTools(params, { timeout: connectMs })),
      readResource: (params: ReadResourceRequest["params"]) =>
        this.open().then((client) => client.readResource(params, { timeout: this.settings.timeout })),
      callTool: (params: CallToolRequest["params"], _schema: unknown, options?: RequestOptions) =>
        this.#call(params, options),
    };
    // It uses nothing else of a client.
    const client = calls as unknown as LoadingClient;
    this.tools = await loadMcpTools(this.settings.name, client, {
      throwOnLoadError: false,
      useStandardContentBlocks: true,
      outputHandling: "content",
    });
  }

  /** A call that a server has surely not seen is sent again, after the connection was opened anew. */
  async #call(params: CallToolRequest["params"], options: RequestOptions = {}) {
    const client = await this.open();
    try {
      return await client.callTool(params, undefined, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!neverArrived(error)) throw error;
      await client.close();
      return await (await this.open()).callTool(params, undefined, options);
    }
  }

  /** The protocol's client does not notice that a server over HTTP is gone: it would wait for the answers to its calls. */
  async #check(client: Client): Promise<void> {
    if (this.#client !== client || this.#isChecking) return;
    this.#isChecking = true;
    try {
      await client.ping({ timeout: pingMs });
    } catch (error) {
      const isAlive = error instanceof McpError && error.code === ErrorCode.MethodNotFound;
      if (!isAlive) await client.close();
    } finally {
      this.#isChecking = false;
    }
  }

  #lost(client: Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    if (!this.#isClosed) this.#log.warn({ server: this.settings.name }, "the connection to an MCP server was lost");
  }
}
