import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport, StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";

import type { McpSettings } from "./server-file.ts";

/** An answer that broke off is asked for once more, this soon. */
const reconnectionOptions = {
  maxRetries: 1,
  initialReconnectionDelay: 100,
  maxReconnectionDelay: 100,
  reconnectionDelayGrowFactor: 1,
};

/** A new connection to a server, which is not open yet. `said` gets what the server's process writes to stderr. */
export function transportTo(settings: McpSettings, said: (text: string) => void): Transport {
  if ("url" in settings) {
    const options = { requestInit: { headers: settings.headers }, reconnectionOptions };
    return new StreamableHTTPClientTransport(new URL(settings.url), options);
  }
  const { command, args, env, cwd } = settings;
  // The process gets this environment, and PATH, HOME, USER and the like; nothing else of the server's.
  const transport = new StdioClientTransport({ command, args, env, cwd, stderr: "pipe" });
  transport.stderr?.on("data", (bytes: Buffer) => said(bytes.toString("utf8")));
  return transport;
}

/** The server has surely not run a call that failed with this: it was down, or has forgotten the session. */
export function neverArrived(error: unknown): boolean {
  if (error instanceof StreamableHTTPError) return error.code === 404 || error.code === 400;
  const cause = error instanceof TypeError ? error.cause : undefined; // of `fetch`
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}
