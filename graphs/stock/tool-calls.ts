import { ToolMessage } from "@langchain/core/messages";
import { isGraphBubbleUp } from "@langchain/langgraph";

import type { Host } from "../host.ts";
import { parsedJson } from "../json.ts";
import type { ToolCallEvent } from "../progress.ts";
import { type RunMetadata, taskOf } from "./scope.ts";
import { sourcesOf } from "./sources.ts";
import { errorAsJson, resultAsJson } from "./tool-results.ts";

type Call = Pick<ToolCallEvent, "tool_call_id" | "tool_name" | "key">;

interface Started {
  name: string;
  id: string | undefined;
  input: string;
  metadata: RunMetadata;
  /** See `prepareTools`. */
  usesRecorded: boolean;
}

/** Clients learn this of a tool that threw; its error may quote what is not theirs. */
const failedMessage = "The tool failed.";

/** Tells the tool calls of a graph. */
export class ToolCalls {
  readonly #host: Pick<Host, "toolCall" | "source">;
  readonly #signal: AbortSignal;
  readonly #running = new Map<string, Call>();
  readonly #recorded = new Map<string, unknown>();

  constructor(host: Pick<Host, "toolCall" | "source">, signal: AbortSignal) {
    this.#host = host;
    this.#signal = signal;
  }

  /** Resolves when the tool may run: never, if its start cannot be kept or the turn is over. */
  async started(runId: string, { name, id, input, metadata, usesRecorded }: Started): Promise<void> {
    const tool_call_id = id ?? runId;
    const call: Call = { tool_call_id, tool_name: name, key: `${taskOf(metadata)}|${tool_call_id}` };
    this.#running.set(runId, call);
    const repeatable = metadata?.repeatable === true;
    const event = { ...call, stage: "started" as const, input: parsedJson(input) ?? input, repeatable, usesRecorded };
    const mayRun = await this.#host.toolCall(event).then(
      (known) => {
        if (known) this.#recorded.set(runId, known.output);
        return !this.#signal.aborted;
      },
      () => false, // the host ends the turn
    );
    if (!mayRun) await new Promise<never>(() => {});
  }

  /** The result of this call from an earlier attempt of the turn: its function must not run again. */
  recorded(runId: string): { output: unknown } | undefined {
    return this.#recorded.has(runId) ? { output: this.#recorded.get(runId) } : undefined;
  }

  async output(runId: string, chunk: unknown): Promise<void> {
    const call = this.#running.get(runId);
    const delta = typeof chunk === "string" ? chunk : JSON.stringify(chunk);
    if (call && delta) await this.#host.toolCall({ ...call, stage: "output", delta });
  }

  async ended(runId: string, output: unknown): Promise<void> {
    const call = this.#running.get(runId);
    if (!call) return;
    this.#running.delete(runId);
    const told = resultOf(output);
    for (const source of sourcesOf(output)) this.#host.source(source);
    const result = await resultAsJson(output, call.tool_call_id);
    if (ToolMessage.isInstance(output) && output.status === "error") {
      await this.#host.toolCall({ ...call, stage: "failed", message: String(told), result });
    } else await this.#host.toolCall({ ...call, stage: "finished", output: told, result });
  }

  async failed(runId: string, error: unknown): Promise<void> {
    const call = this.#running.get(runId);
    this.#running.delete(runId);
    if (!call || this.#signal.aborted || isGraphBubbleUp(error)) return;
    await this.#host.toolCall({ ...call, stage: "failed", message: failedMessage, result: errorAsJson(error) });
  }
}

/** A tool's result as plain data. A Command's messages stand for it. */
function resultOf(output: unknown): unknown {
  if (ToolMessage.isInstance(output)) return output.text;
  if (output === undefined || output === null) return "";
  if (typeof output !== "object") return output;
  if ("update" in output) {
    const { messages } = (output.update ?? {}) as { messages?: unknown };
    const results = Array.isArray(messages) ? messages.filter((message) => ToolMessage.isInstance(message)) : [];
    return results.map((message) => message.text).join("\n");
  }
  return parsedJson(JSON.stringify(output) ?? "") ?? "";
}
