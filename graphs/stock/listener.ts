import { BaseCallbackHandler, type HandleLLMNewTokenCallbackFields } from "@langchain/core/callbacks/base";
import type { Serialized } from "@langchain/core/load/serializable";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import { isGraphBubbleUp } from "@langchain/langgraph";

import type { Host } from "../host.ts";
import { contentOf } from "./content.ts";
import type { HeldSaver } from "./held-saver.ts";
import { ModelCalls } from "./model-calls.ts";
import { messagesIn } from "./node-output.ts";
import { isPrepared } from "./prepared.ts";
import { lastingNamespace, pathOf, type RunMetadata, taskOf } from "./scope.ts";
import { Steps } from "./steps.ts";
import { Texts } from "./texts.ts";
import { ToolCalls } from "./tool-calls.ts";

interface ListenerOptions {
  host: Host;
  saver: HeldSaver;
  signal: AbortSignal;
  /** Limits the answer to what these nodes say. */
  answer: readonly string[] | undefined;
  /** The turn's answer so far. */
  said: string;
}

/**
 * Hears what happens in a graph, in order: LangChain calls it before the graph goes on. LangGraph's own stream of messages comes later, by a
 * queue.
 */
export class Listener extends BaseCallbackHandler {
  override name = "stock";
  override awaitHandlers = true;
  /** Makes `invoke` of a chat model stream. */
  lc_prefer_streaming = true;
  readonly texts: Texts;
  readonly models: ModelCalls;
  /** Of subgraphs that keep their state from turn to turn. */
  readonly namespaces = new Set<string>();
  readonly #steps: Steps;
  readonly #tools: ToolCalls;
  readonly #saver: HeldSaver;
  readonly #signal: AbortSignal;
  readonly #isAnswer: (path: readonly string[]) => boolean;
  /** The runs of nodes, by their task. */
  readonly #nodes = new Map<string, string>();
  readonly #tasks = new Map<string, { task: string; path: string[] }>();
  /** Messages that were shown, or that the graph was given. Some get their id later. */
  readonly #known = new WeakSet<BaseMessage>();
  readonly #knownIds = new Set<string>();
  #hasBegun = false;

  constructor({ host, saver, signal, answer, said }: ListenerOptions) {
    super();
    this.#saver = saver;
    this.#signal = signal;
    this.#isAnswer = (path) => answer === undefined || path.some((node) => answer.includes(node));
    this.texts = new Texts(host, said);
    this.models = new ModelCalls(host, this.texts, this.#isAnswer);
    this.#steps = new Steps(host);
    this.#tools = new ToolCalls(host, signal);
  }

  /** A node has begun. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** These messages are no part of the answer. */
  knows(messages: readonly BaseMessage[]): void {
    for (const message of messages) {
      this.#known.add(message);
      if (message.id !== undefined) this.#knownIds.add(message.id);
    }
  }

  /** Shows the AI messages that nobody has shown yet. */
  show(messages: readonly BaseMessage[], task = "", path: readonly string[] = []): void {
    for (const message of messages) {
      if (this.#isKnown(message)) continue;
      this.knows([message]);
      const { text, reasoning } = contentOf(message);
      if (!AIMessage.isInstance(message) || text.trim() === "") continue;
      if (this.models.hasStreamed(task, text.trim())) continue;
      const key = message.id ?? crypto.randomUUID();
      if (this.#isAnswer(path)) this.texts.whole(key, text, reasoning);
      else this.#steps.said(this.#nodes.get(task), text);
    }
  }

  /** See `prepareTools`. */
  recordedResult(runId: string): { output: unknown } | undefined {
    return this.#tools.recorded(runId);
  }

  override handleChatModelStart(
    _model: Serialized,
    _messages: BaseMessage[][],
    runId: string,
    _parentRunId?: string,
    _extra?: Record<string, unknown>,
    tags?: string[],
    metadata?: RunMetadata,
  ): void {
    this.models.started(runId, tags, metadata);
  }

  override handleLLMNewToken(
    token: string,
    _index: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    fields?: HandleLLMNewTokenCallbackFields,
  ): void {
    const chunk = fields?.chunk;
    this.models.streamed(runId, chunk && "message" in chunk ? chunk.message : undefined, token);
  }

  override handleLLMEnd(output: LLMResult, runId: string): void {
    const reply = this.models.ended(runId, output);
    if (!reply) return;
    if (reply.message) this.knows([reply.message]);
    this.#steps.said(this.#nodes.get(reply.task), reply.aside);
  }

  override handleLLMError(error: unknown, runId: string): void {
    this.models.failed(runId, error, this.#signal.aborted);
  }

  override async handleToolStart(
    tool: Serialized,
    input: string,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    metadata?: RunMetadata,
    runName = "tool",
    id?: string,
  ): Promise<void> {
    await this.#saver.safe(); // by its checkpoint, a call is known again after a crash
    await this.#tools.started(runId, { name: runName, id, input, metadata, usesRecorded: isPrepared(tool) });
  }

  override handleToolEvent(chunk: unknown, runId: string): Promise<void> {
    return this.#tools.output(runId, chunk);
  }

  override handleToolEnd(output: unknown, runId: string): Promise<void> {
    return this.#tools.ended(runId, output);
  }

  override handleToolError(error: unknown, runId: string): Promise<void> {
    return this.#tools.failed(runId, error);
  }

  override handleChainStart(
    _chain: Serialized,
    _inputs: unknown,
    runId: string,
    _parentRunId?: string,
    tags: string[] = [],
    metadata?: RunMetadata,
    _runType?: string,
    runName?: string,
  ): Promise<unknown> | undefined {
    if (runName === undefined || runName !== metadata?.langgraph_node || tags.includes("langsmith:hidden")) return;
    this.#hasBegun = true;
    const task = taskOf(metadata);
    const path = pathOf(metadata);
    const namespace = lastingNamespace(task);
    if (namespace !== "") this.namespaces.add(namespace);
    this.#tasks.set(runId, { task, path });
    this.#nodes.set(task, runId);
    this.#steps.started(runId, path);
    return this.#saver.nodeBegins();
  }

  override handleChainEnd(outputs: unknown, runId: string): void {
    const node = this.#tasks.get(runId);
    if (!node) return;
    this.show(messagesIn(outputs), node.task, node.path);
    this.#endNode(runId, node.task);
  }

  override handleChainError(error: unknown, runId: string): void {
    const node = this.#tasks.get(runId);
    if (node) this.#endNode(runId, node.task, !isGraphBubbleUp(error));
  }

  #endNode(runId: string, task: string, hasFailed = false): void {
    this.#saver.nodeEnded();
    this.#steps.finished(runId, hasFailed);
    this.#tasks.delete(runId);
    this.#nodes.delete(task);
  }

  #isKnown(message: BaseMessage): boolean {
    return this.#known.has(message) || (message.id !== undefined && this.#knownIds.has(message.id));
  }
}
