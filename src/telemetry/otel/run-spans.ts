import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import { isGraphBubbleUp } from "@langchain/langgraph";
import { type Attributes, type Context, type Span, SpanKind, type Tracer, trace } from "@opentelemetry/api";

import { askedOf, type Extra, repliedOf } from "./chat.ts";
import { argumentsOf, inputOf, outputOf, resultOf } from "./content.ts";
import { endWithError } from "./errors.ts";
import { names, own } from "./names.ts";

type Metadata = Record<string, unknown>;

interface RunSpansOptions {
  tracer: Tracer;
  /** With the turn's span. */
  context: Context;
  /** For every span of the turn. */
  common: Attributes;
  /** Spans may have what users, models and tools say. */
  withContent: boolean;
}

/** The spans within a turn: nodes, which are the router and the engines' steps, model calls and tool calls. */
export class RunSpans extends BaseCallbackHandler {
  readonly name = "spans";
  override awaitHandlers = true;
  readonly #tracer: Tracer;
  readonly #context: Context;
  readonly #common: Attributes;
  readonly #withContent: boolean;
  /** By run. A run without a span of its own has the context of the one around it. */
  readonly #contexts = new Map<string, Context>();
  readonly #open = new Map<string, { span: Span; begun: number; hasChunk: boolean; isUnnamed: boolean }>();

  constructor({ tracer, context, common, withContent }: RunSpansOptions) {
    super();
    this.#tracer = tracer;
    this.#context = context;
    this.#common = common;
    this.#withContent = withContent;
  }

  /** Ends what is still open: whoever ends a turn early does not wait for its nodes. */
  close(): void {
    for (const { span } of this.#open.values()) {
      span.setAttribute(names.error, "cancelled");
      span.end();
    }
    this.#open.clear();
    this.#contexts.clear();
  }

  override handleChainStart(
    _chain: unknown,
    _input: unknown,
    runId: string,
    parentRunId?: string,
    tags: string[] = [],
    metadata: Metadata = {},
  ): void {
    const isNode = tags.some((tag) => tag.startsWith("graph:step:")) && !tags.includes("langsmith:hidden");
    const node = String(metadata.langgraph_node ?? "node");
    if (isNode) this.#begin(runId, parentRunId, node, SpanKind.INTERNAL, { [own.node]: node });
    else this.#contexts.set(runId, this.#around(parentRunId));
  }

  override handleChainEnd(_output: unknown, runId: string): void {
    this.#end(runId);
  }

  override handleChainError(error: unknown, runId: string): void {
    this.#fail(runId, error);
  }

  override handleChatModelStart(
    _model: unknown,
    messages: BaseMessage[][],
    runId: string,
    parentRunId?: string,
    extra: Extra = {},
    _tags?: string[],
    metadata: Metadata = {},
  ): void {
    const { model, attributes } = askedOf(extra, metadata);
    const said = this.#withContent ? inputOf(messages[0] ?? []) : {};
    const name = model === undefined ? "chat" : `chat ${model}`; // `model()` learns it from the reply
    this.#begin(runId, parentRunId, name, SpanKind.CLIENT, { ...attributes, ...said });
  }

  /** Only the first one counts. */
  override handleLLMNewToken(_token: string, _index: unknown, runId: string): void {
    const run = this.#open.get(runId);
    if (!run || run.hasChunk) return;
    run.hasChunk = true;
    const seconds = (performance.now() - run.begun) / 1_000;
    run.span.setAttributes({ [names.firstChunk]: seconds, [names.isStreamed]: true });
  }

  override handleLLMEnd(output: LLMResult, runId: string): void {
    const said = this.#withContent ? outputOf(output) : {};
    const replied = repliedOf(output);
    const model = replied[names.responseModel];
    const run = this.#open.get(runId);
    if (run?.isUnnamed && model !== undefined) run.span.updateName(`chat ${model}`);
    this.#end(runId, { ...replied, ...said });
  }

  override handleLLMError(error: unknown, runId: string): void {
    this.#fail(runId, error);
  }

  override handleToolStart(
    _tool: unknown,
    input: string,
    runId: string,
    parentRunId?: string,
    _tags?: string[],
    _metadata?: Metadata,
    toolName = "tool",
    toolCallId?: string,
  ): void {
    this.#begin(runId, parentRunId, `execute_tool ${toolName}`, SpanKind.INTERNAL, {
      [names.operation]: "execute_tool",
      [names.toolName]: toolName,
      [names.toolType]: "function",
      ...(toolCallId !== undefined && { [names.toolCall]: toolCallId }),
      ...(this.#withContent && argumentsOf(input)),
    });
  }

  override handleToolEnd(output: unknown, runId: string): void {
    const hasFailed = typeof output === "object" && output !== null && "status" in output && output.status === "error";
    const said = this.#withContent ? resultOf(output) : {};
    if (hasFailed) this.#fail(runId, new Error("The tool failed."), { ...said, [names.error]: "tool_error" });
    else this.#end(runId, said);
  }

  override handleToolError(error: unknown, runId: string): void {
    this.#fail(runId, error);
  }

  #around(parentRunId: string | undefined): Context {
    return (parentRunId !== undefined && this.#contexts.get(parentRunId)) || this.#context;
  }

  #begin(runId: string, parentRunId: string | undefined, name: string, kind: SpanKind, attributes: Attributes): void {
    const around = this.#around(parentRunId);
    const span = this.#tracer.startSpan(name, { kind, attributes: { ...this.#common, ...attributes } }, around);
    this.#contexts.set(runId, trace.setSpan(around, span));
    this.#open.set(runId, { span, begun: performance.now(), hasChunk: false, isUnnamed: name === "chat" });
  }

  #end(runId: string, attributes: Attributes = {}): void {
    this.#contexts.delete(runId);
    const span = this.#open.get(runId)?.span;
    this.#open.delete(runId);
    span?.setAttributes(attributes).end();
  }

  /** A node that asks a person, or that goes on elsewhere, ends with an error that is none. */
  #fail(runId: string, error: unknown, attributes: Attributes = {}): void {
    const span = this.#open.get(runId)?.span;
    const waits = isGraphBubbleUp(error) || (error instanceof Error && error.name === "WaitSignal");
    if (span && !waits) endWithError(span, error);
    this.#end(runId, attributes);
  }
}
