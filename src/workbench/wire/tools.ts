// What the channel `workbench:<conversation_id>` tells of tools. The page imports these types, and none of the server's code.

/** A server of tools, as last known. */
export interface McpServer {
  name: string;
  state: "connected" | "connecting" | "down";
  tools: { name: string; description: string }[];
}
