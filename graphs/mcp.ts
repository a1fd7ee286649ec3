import type { RunnableConfig } from "@langchain/core/runnables";
import { DynamicStructuredTool } from "@langchain/core/tools";

import type { Host, JsonObject } from "./host.ts";
import type { McpServer, McpToolFacts } from "./mcp-server.ts";
import { findTurn } from "./stock/current.ts";

/** No model server takes more tools in a request. */
const maxTools = 128;

const noArguments = { type: "object", properties: {} } as const;

const declared = new Set<string>();

/** The MCP servers that graphs have asked for. */
export function declaredMcpServers(): ReadonlySet<string> {
  return declared;
}

/**
 * The tools of an MCP server that the setting MCP_SERVERS names. What they are is known only while a turn runs, since the server may not be up
 * yet, or may change them. So these are places for tools: `model()` offers those that are taken.
 */
export function mcpTools(server: string): DynamicStructuredTool[] {
  declared.add(server);
  return Array.from({ length: maxTools }, (_, index) => new McpTool(server, index));
}

/** Names that models called while the tools of an MCP server were not known. */
const guessed = new WeakMap<Host, Set<string>>();

/** The place of one tool. */
export class McpTool extends DynamicStructuredTool {
  readonly server: string;
  readonly #index: number;

  constructor(server: string, index: number) {
    super({
      name: server,
      description: "",
      schema: noArguments,
      func: (args, _manager, config) => this.#run(args, config),
    });
    this.server = server;
    this.#index = index;
    // LangChain's constructors set these, so they cannot be getters of the class.
    Object.defineProperties(this, {
      name: { get: () => callable(this.#name ?? (index === 0 ? server : `${server}_${index}`)) },
      description: { get: () => this.#facts?.description ?? unavailable(server) },
      schema: { get: () => this.#facts?.schema ?? noArguments },
      metadata: { get: () => (this.#facts?.repeatable ? { repeatable: true } : undefined) },
    });
  }

  /** There is a tool here, or nobody knows yet whether there is one. */
  get isTaken(): boolean {
    return this.#facts !== undefined || (this.#index === 0 && this.#server?.tools === undefined);
  }

  async #run(args: unknown, config: RunnableConfig | undefined): Promise<string> {
    const server = this.#server;
    if (!server) throw new Error("A tool of an MCP server runs only in a turn.");
    const name = this.#name;
    if (name !== undefined) return await server.call(name, args as JsonObject, config?.signal); // as its schema says
    await server.connect();
    return `These tools are available now: ${(server.tools ?? []).map((tool) => callable(tool.name)).join(", ")}`;
  }

  get #server(): McpServer | undefined {
    return findTurn()?.context.host.mcp(this.server);
  }

  get #facts(): McpToolFacts | undefined {
    return this.#server?.tools?.[this.#index];
  }

  get #name(): string | undefined {
    return this.#facts?.name ?? this.#guess;
  }

  get #guess(): string | undefined {
    const host = findTurn()?.context.host;
    if (!host || host.mcp(this.server).tools) return undefined;
    return [...(guessed.get(host) ?? [])][this.#index - 1];
  }
}

/** Gives a place to names that a model made up, so that such a call fails as calls of the server do. */
export function guess(host: Host, names: readonly string[]): void {
  const known = guessed.get(host) ?? new Set();
  for (const name of names) known.add(name);
  guessed.set(host, known);
}

function unavailable(server: string): string {
  return `The tools of ${server} are not available at the moment. Calling this tries to reach them again.`;
}

/** Model servers take no other characters in a tool's name. */
function callable(name: string): string {
  return name.replace(/[^\w-]/g, "_").slice(0, 64);
}
