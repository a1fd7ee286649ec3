// What the channel `workbench:<conversation_id>` tells of what runs in a turn. The page imports these types, and none of the server's code.

interface Run {
  run_id: string;
  /** The engine, if any, and the nodes around it and itself. For a model request and a tool call, the node that makes it. */
  path: string[];
}

/** A node, a model request or a tool call starts. */
export type RunStarted = Run & { at: string } & (
    | { event: "node_started"; node: string; input?: unknown }
    | { event: "call_started" }
    | { event: "tool_started"; tool_call_id: string; tool_name: string; input?: unknown }
  );

/** It ends after `ms`. `waits`: it has asked a person, and runs again with the answer. */
export type RunFinished = Run & { ms: number; error?: string } & (
    | { event: "node_finished"; node: string; output?: unknown; waits?: true }
    | { event: "call_finished" }
    | { event: "tool_finished"; tool_name: string; output?: unknown; waits?: true }
  );

export type RunEvent = RunStarted | RunFinished;
