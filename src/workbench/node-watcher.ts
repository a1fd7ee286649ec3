import { BaseCallbackHandler } from "@langchain/core/callbacks/base";

import { preview } from "./preview.ts";

/**
 * A node of a running graph, or one of its model requests, starts or ends. `path` is the engine, if any, and the node. `ms` is the duration.
 */
export type NodeEvent =
  | { event: "call_started"; run_id: string; path: string[]; at: string }
  | { event: "call_finished"; run_id: string; path: string[]; ms: number; error?: string }
  | { event: "node_started"; run_id: string; node: string; path: string[]; input: unknown; at: string }
  | {
      event: "node_finished";
      run_id: string;
      node: string;
      path: string[];
      output: unknown;
      ms: number;
      error?: string;
    };

/** Filters LangGraph's callbacks for those of nodes and model calls; other runnables are ignored. */
export class NodeWatcher extends BaseCallbackHandler {
  readonly name = "node watcher";
  override awaitHandlers = true;
  readonly #onEvent: (event: NodeEvent) => void;
  readonly #running = new Map<string, { node: string; path: string[]; begun: number }>();
  readonly #calls = new Map<string, { path: string[]; begun: number }>();

  constructor(onEvent: (event: NodeEvent) => void) {
    super();
    this.#onEvent = onEvent;
  }

  override handleChainStart(
    _chain: unknown,
    input: unknown,
    runId: string,
    _parentRunId?: string,
    tags: string[] = [],
    metadata: Record<string, unknown> = {},
  ): void {
    const isNode = tags.some((tag) => tag.startsWith("graph:step:")) && !tags.includes("langsmith:hidden");
    if (!isNode) return;
    const path = pathOf(String(metadata.langgraph_checkpoint_ns ?? ""));
    const node = path.at(-1) ?? "";
    this.#running.set(runId, { node, path, begun: performance.now() });
    const at = new Date().toISOString();
    this.#onEvent({ event: "node_started", run_id: runId, node, path, input: preview(input), at });
  }

  override handleChainEnd(output: unknown, runId: string): void {
    this.#finish(runId, { output: preview(output) });
  }

  override handleChainError(error: unknown, runId: string): void {
    this.#finish(runId, { output: null, error: error instanceof Error ? error.name : "Error" });
  }

  override handleChatModelStart(
    _model: unknown,
    _messages: unknown,
    runId: string,
    _parentRunId?: string,
    _extraParams?: unknown,
    _tags?: string[],
    metadata: Record<string, unknown> = {},
  ): void {
    const path = pathOf(String(metadata.langgraph_checkpoint_ns ?? ""));
    this.#calls.set(runId, { path, begun: performance.now() });
    this.#onEvent({ event: "call_started", run_id: runId, path, at: new Date().toISOString() });
  }

  override handleLLMEnd(_output: unknown, runId: string): void {
    this.#finishCall(runId);
  }

  override handleLLMError(error: unknown, runId: string): void {
    this.#finishCall(runId, error instanceof Error ? error.name : "Error");
  }

  #finishCall(runId: string, error?: string): void {
    const call = this.#calls.get(runId);
    if (!call) return;
    this.#calls.delete(runId);
    const ms = Math.round(performance.now() - call.begun);
    this.#onEvent({ event: "call_finished", run_id: runId, path: call.path, ms, ...(error && { error }) });
  }

  #finish(runId: string, result: { output: unknown; error?: string }): void {
    const run = this.#running.get(runId);
    if (!run) return;
    this.#running.delete(runId);
    const { node, path, begun } = run;
    this.#onEvent({
      event: "node_finished",
      run_id: runId,
      node,
      path,
      ...result,
      ms: Math.round(performance.now() - begun),
    });
  }
}

/** `generation:<id>|plan:<id>` → `["generation", "plan"]`. */
function pathOf(namespace: string): string[] {
  return namespace.split("|").map((part) => part.split(":", 1)[0] ?? "");
}
