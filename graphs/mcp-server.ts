/** A tool as its MCP server describes it. */
export interface McpToolFacts {
  /** As the server knows it. */
  name: string;
  description: string;
  /** A JSON schema of the arguments. */
  schema: Record<string, unknown>;
  /** Its server says that calling it twice does no harm. */
  repeatable: boolean;
}

/** A server of tools that speaks MCP, the Model Context Protocol. */
export interface McpServer {
  /** As last known; undefined before the server has answered for the first time. */
  readonly tools: readonly McpToolFacts[] | undefined;
  /** Resolves when the tools are known, or when it is clear that the server does not answer. Never rejects. */
  ready(): Promise<void>;
  /** Tries to reach the server. Rejects if it does not answer. */
  connect(): Promise<void>;
  /** Calls a tool, and returns its result as text. Rejects if the server or the tool fails. */
  call(tool: string, args: Record<string, unknown>, signal: AbortSignal | undefined): Promise<string>;
}

/** Stands for a server that the settings do not name. */
export function unknownMcpServer(name: string): McpServer {
  const fail = () => Promise.reject(new Error(`There is no MCP server ${JSON.stringify(name)} in MCP_SERVERS.`));
  return { tools: undefined, ready: () => Promise.resolve(), connect: fail, call: fail };
}
