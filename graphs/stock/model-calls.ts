import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";

import type { Host } from "../host.ts";
import { contentOf } from "./content.ts";
import { isHidden, pathOf, type RunMetadata, taskOf } from "./scope.ts";
import type { Texts } from "./texts.ts";

interface ModelCall {
  /** Its text is not for the user. */
  isHidden: boolean;
  /** Its text belongs to the answer. */
  isShown: boolean;
  task: string;
  /** As the graph names it. */
  model: string;
  hasStreamed: boolean;
  /** By the server's own `model()`, which reports what it does itself. */
  isOurs: boolean;
}

/** A text that a model call has streamed. */
interface Streamed {
  task: string;
  text: string;
}

/** Follows the model calls of a graph: their text, and what they cost if the graph made its models itself. */
export class ModelCalls {
  readonly #host: Pick<Host, "spent" | "price" | "answered">;
  readonly #texts: Texts;
  readonly #isAnswer: (path: readonly string[]) => boolean;
  readonly #running = new Map<string, ModelCall>();
  readonly #streamed: Streamed[] = [];
  readonly #failures = new WeakSet<object>();

  constructor(
    host: Pick<Host, "spent" | "price" | "answered">,
    texts: Texts,
    isAnswer: (path: readonly string[]) => boolean,
  ) {
    this.#host = host;
    this.#texts = texts;
    this.#isAnswer = isAnswer;
  }

  started(runId: string, tags: readonly string[] | undefined, metadata: RunMetadata): void {
    const isSecret = isHidden(tags);
    const isShown = !isSecret && this.#isAnswer(pathOf(metadata));
    const model = typeof metadata?.ls_model_name === "string" ? metadata.ls_model_name : "";
    this.#running.set(runId, {
      isHidden: isSecret,
      isShown,
      task: taskOf(metadata),
      model,
      hasStreamed: false,
      isOurs: false,
    });
    if (isShown) this.#texts.begin(runId);
  }

  /** Says that a call is made by `model()`. Returns false if its text is not shown. */
  isOurs(runId: string): boolean {
    const call = this.#running.get(runId);
    if (call) call.isOurs = true;
    return call?.isShown === true;
  }

  streamed(runId: string, message: BaseMessage | undefined, token: string): void {
    const call = this.#running.get(runId);
    if (!call || call.isOurs) return;
    call.hasStreamed = true;
    if (!call.isShown) return;
    const { text, reasoning } = message ? contentOf(message) : { text: token, reasoning: "" };
    if (text !== "" || reasoning !== "") this.#texts.add(runId, text, reasoning);
  }

  /** Returns the reply; `aside` is its text if it is for the user, but not part of the answer. Undefined if the reply is hidden. */
  ended(runId: string, { generations }: LLMResult): { task: string; message?: BaseMessage; aside: string } | undefined {
    const call = this.#running.get(runId);
    const first = generations[0]?.[0];
    const message = first && "message" in first ? (first.message as BaseMessage) : undefined;
    if (!call) return undefined;
    this.#running.delete(runId);
    const whole = message ? contentOf(message) : { text: first?.text ?? "", reasoning: "" };
    if (call.isShown) {
      if (!call.hasStreamed && !call.isOurs) this.#texts.add(runId, whole.text, whole.reasoning);
      this.#streamed.push({ task: call.task, text: this.#texts.end(runId).trim() });
    }
    if (!call.isOurs) this.#book(call, message);
    return call.isHidden ? undefined : { task: call.task, message, aside: call.isShown ? "" : whole.text };
  }

  failed(runId: string, error: unknown, isOver: boolean): void {
    const call = this.#running.get(runId);
    if (!call) return;
    this.#running.delete(runId);
    if (typeof error === "object" && error !== null) this.#failures.add(error);
    if (!call.isOurs) this.#spent(call.model, null);
    if (!call.isShown) return;
    if (isOver) this.#texts.end(runId);
    else this.#texts.fail(runId);
  }

  /** The error comes from a model that the graph made itself. */
  isFailure(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#failures.has(error);
  }

  /** A model call of this task, or of one within it, has streamed this text. */
  hasStreamed(task: string, text: string): boolean {
    return this.#streamed.some((one) => one.text === text && one.task.startsWith(task));
  }

  #book({ model, isShown }: ModelCall, message: BaseMessage | undefined): void {
    const reply = message && AIMessage.isInstance(message) ? message : undefined;
    const { model_name, finish_reason } = reply?.response_metadata ?? {};
    const reported = typeof model_name === "string" && model_name !== "" ? model_name : undefined;
    const usage = reply?.usage_metadata;
    const names = { asked: model, reported };
    const cost = usage ? this.#host.price(names, usage.input_tokens, usage.output_tokens) : null;
    this.#spent(model, cost, usage?.input_tokens, usage?.output_tokens);
    if (!isShown) return;
    const isTruncated = finish_reason === "length" || this.#texts.isCut;
    this.#host.answered({ model_used: reported ?? model, ...(isTruncated && { truncated: true as const }) });
  }

  #spent(model: string, cost_usd: number | null, input_tokens = 0, output_tokens = 0): void {
    this.#host.spent({ llm_calls: 1, cost_usd, input_tokens, output_tokens, prompts: {}, model });
  }
}
