import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { ToolMessage } from "@langchain/core/messages";
import { isGraphBubbleUp, isGraphInterrupt } from "@langchain/langgraph";

import { WaitSignal } from "../turns/waiting.ts";
import { preview } from "./preview.ts";
import { RunPaths } from "./run-paths.ts";
import type { RunEvent, RunFinished } from "./wire/runs.ts";

type Metadata = Record<string, unknown>;

/** What a run's end is told with. */
type Ending = Pick<RunFinished, "error"> & { output?: unknown; waits?: true };

interface Running {
  begun: number;
  finished: (end: { ms: number } & Ending) => RunFinished;
}

/** Filters LangChain's callbacks for those of nodes, model calls and tool calls; other runnables are ignored. */
export class NodeWatcher extends BaseCallbackHandler {
  readonly name = "node watcher";
  override awaitHandlers = true;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #paths = new RunPaths();
  readonly #running = new Map<string, Running>();

  constructor(onEvent: (event: RunEvent) => void) {
    super();
    this.#onEvent = onEvent;
  }

  override handleChainStart(
    _chain: unknown,
    input: unknown,
    run_id: string,
    parentRunId?: string,
    tags: string[] = [],
    metadata: Metadata = {},
  ): void {
    const path = this.#paths.begin(run_id, parentRunId, metadata);
    const isNode = tags.some((tag) => tag.startsWith("graph:step:")) && !tags.includes("langsmith:hidden");
    if (!isNode) return;
    const node = path.at(-1) ?? "";
    this.#onEvent({ event: "node_started", run_id, node, path, input: preview(input), at: now() });
    this.#began(run_id, ({ output, ...end }) => ({
      event: "node_finished",
      run_id,
      node,
      path,
      output: preview(output),
      ...end,
    }));
  }

  override handleChainEnd(output: unknown, runId: string): void {
    this.#ended(runId, { output });
  }

  override handleChainError(error: unknown, runId: string): void {
    this.#ended(runId, endingOf(error));
  }

  override handleToolStart(
    _tool: unknown,
    input: string,
    run_id: string,
    parentRunId?: string,
    _tags?: string[],
    metadata: Metadata = {},
    tool_name = "tool",
    toolCallId?: string,
  ): void {
    const path = this.#paths.begin(run_id, parentRunId, metadata);
    const tool_call_id = toolCallId ?? run_id;
    const shown = preview(parsed(input));
    this.#onEvent({ event: "tool_started", run_id, path, tool_call_id, tool_name, input: shown, at: now() });
    this.#began(run_id, ({ output, ...end }) => ({
      event: "tool_finished",
      run_id,
      path,
      tool_name,
      output: preview(output),
      ...end,
    }));
  }

  override handleToolEnd(output: unknown, runId: string): void {
    const isMessage = ToolMessage.isInstance(output);
    const hasFailed = isMessage && output.status === "error";
    this.#ended(runId, { output: isMessage ? output.text : output, ...(hasFailed && { error: "Error" }) });
  }

  override handleToolError(error: unknown, runId: string): void {
    this.#ended(runId, endingOf(error));
  }

  override handleChatModelStart(
    _model: unknown,
    _messages: unknown,
    run_id: string,
    parentRunId?: string,
    _extraParams?: unknown,
    _tags?: string[],
    metadata: Metadata = {},
  ): void {
    const path = this.#paths.begin(run_id, parentRunId, metadata);
    this.#onEvent({ event: "call_started", run_id, path, at: now() });
    this.#began(run_id, ({ ms, error }) => ({
      event: "call_finished",
      run_id,
      path,
      ms,
      ...(error !== undefined && { error }),
    }));
  }

  override handleLLMEnd(_output: unknown, runId: string): void {
    this.#ended(runId, {});
  }

  override handleLLMError(error: unknown, runId: string): void {
    this.#ended(runId, endingOf(error));
  }

  #began(runId: string, finished: Running["finished"]): void {
    this.#running.set(runId, { begun: performance.now(), finished });
  }

  #ended(runId: string, ending: Ending): void {
    this.#paths.end(runId);
    const run = this.#running.get(runId);
    if (!run) return;
    this.#running.delete(runId);
    this.#onEvent(run.finished({ ms: Math.round(performance.now() - run.begun), ...ending }));
  }
}

/** LangGraph lets a node that asks a person, or that goes on elsewhere, end with an error. */
function endingOf(error: unknown): Ending {
  if (isGraphInterrupt(error) || error instanceof WaitSignal) return { waits: true };
  if (isGraphBubbleUp(error)) return {};
  return { error: error instanceof Error ? error.name : "Error" };
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}

function now(): string {
  return new Date().toISOString();
}
