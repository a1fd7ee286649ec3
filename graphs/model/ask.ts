import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { type AIMessage, type BaseMessage, SystemMessage } from "@langchain/core/messages";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";

import { tokensOfImages, withoutImages } from "../attached/asked.ts";
import { type Call, type CallMessages, callOf, request, withFallbacks } from "../call.ts";
import type { ChatModel, ModelCallOptions } from "../chat-model.ts";
import { ModelFailure } from "../failure.ts";
import type { Host, Sampling } from "../host.ts";
import { countAll } from "../request-messages.ts";
import { currentTurn } from "../stock/current.ts";
import type { Listener } from "../stock/listener.ts";
import { withOwnIds } from "./own-ids.ts";

/** A piece of a reply. */
export interface ReplyPiece {
  text: string;
  reasoning: string;
}

interface Asking {
  options: ModelCallOptions;
  manager: CallbackManagerForLLMRun | undefined;
  /** What was passed on may be taken back: nobody but the turn has it. */
  canRestart: boolean;
  onPiece?: (piece: ReplyPiece) => void;
}

/** Asks the models of the current turn, in order, until one answers. */
export async function ask(settings: Sampling, messages: BaseMessage[], asking: Asking): Promise<AIMessage> {
  const { listener } = currentTurn();
  const runId = asking.manager?.runId ?? "";
  const isShown = listener?.models.isOurs(runId) === true;
  const call = callInTurn(settings, messages, asking.options.signal);
  const reply = new Reply(call, asking, isShown ? listener : undefined);
  const answer = await withFallbacks(call, async (model, { isFallback }) => {
    if (isFallback) reply.restart();
    const first = await reply.from(model, isFallback);
    if (!isEmpty(first)) return first;
    reply.restart();
    const second = await reply.from(model, isFallback);
    if (isEmpty(second)) throw new ModelFailure("model_unavailable", "The model gave an empty answer twice.");
    return second;
  });
  return withOwnIds(answer, messages);
}

/** Asks outside of the graph's run, to which the call is announced already, or shall not be. */
export function unannounced<T>(run: () => Promise<T>): Promise<T> {
  return AsyncLocalStorageProviderSingleton.getInstance().run(undefined, run);
}

/** A call with the messages of a graph. */
export function callInTurn(settings: Sampling, messages: BaseMessage[], signal: AbortSignal | undefined): Call {
  const { host, sampling } = currentTurn().context;
  return callOf(host, { prompt: "model", messages: asGiven(messages, host), given: sampling, own: settings }, signal);
}

/** The messages are the graph's own business: only images that the model cannot see are left out. But the next turn learns from what was too long. */
function asGiven(messages: BaseMessage[], host: Pick<Host, "warn">): CallMessages {
  let asked: ChatModel | undefined;
  let blind: ChatModel | undefined;
  let hasBegun = false;
  const hasImages = messages.some((message) => tokensOfImages(message) > 0);
  const isUnseen = (model: ChatModel | undefined) => hasImages && (model?.sees === false || model === blind);
  return {
    fitting(model, addition = "") {
      asked = model;
      hasBegun = false;
      const seen = isUnseen(model) ? messages.map(withoutImages) : messages;
      return addition === "" ? seen : withInstructions(seen, addition);
    },
    begun() {
      hasBegun = true;
    },
    answered() {
      const { room } = asked ?? {};
      if (asked && isUnseen(asked)) host.warn(`The model ${asked.name} cannot see images; it answered without them.`);
      if (room && room.tokens < Number.POSITIVE_INFINITY) room.answered(countAll(messages));
    },
    shorten(model, limit) {
      if (!hasBegun) model.room?.refused(countAll(messages), limit);
      return false;
    },
    exceed: () => false,
    withoutImages(model) {
      if (!hasImages || model === blind) return false;
      model.cannotSee?.();
      blind = model;
      return true;
    },
  };
}

function withInstructions(messages: BaseMessage[], addition: string): BaseMessage[] {
  const [first, ...others] = messages;
  if (!first || !SystemMessage.isInstance(first)) return [new SystemMessage(addition), ...messages];
  return [new SystemMessage(`${first.text}\n\n${addition}`), ...others];
}

/** Tracers want all of a reply; those of spans only want to know when it began. The turn's own listener has heard it already. */
function wantsToken(handler: string, isFirst: boolean): boolean {
  return handler !== "stock" && (isFirst || handler !== "spans");
}

function isEmpty({ text, tool_calls = [], invalid_tool_calls = [] }: AIMessage): boolean {
  return text.trim() === "" && tool_calls.length === 0 && invalid_tool_calls.length === 0;
}

/** Passes a reply on while it comes. */
class Reply {
  readonly #call: Call;
  readonly #asking: Asking;
  /** Undefined if the reply is not shown. */
  readonly #listener: Listener | undefined;
  readonly #runId: string;
  #hasBegun = false;

  constructor(call: Call, asking: Asking, listener: Listener | undefined) {
    this.#call = call;
    this.#asking = asking;
    this.#listener = listener;
    this.#runId = asking.manager?.runId ?? "";
  }

  /** Takes back what came so far. Throws if somebody has it already. */
  restart(reasoning = ""): void {
    if (this.#hasBegun && !this.#asking.canRestart) {
      throw new ModelFailure("model_unavailable", "The reply broke off after some of it was passed on.");
    }
    if (this.#hasBegun || reasoning !== "") this.#listener?.texts.takeBack(this.#runId, reasoning);
    this.#hasBegun = false;
  }

  async from(model: ChatModel, isFallback: boolean): Promise<AIMessage> {
    const { host } = this.#call;
    const { signal, response_format, tools, tool_choice } = this.#asking.options;
    const facts = { model_used: model.name, ...(isFallback && { fallback_model: model.name }) };
    const options: ModelCallOptions = {
      signal,
      onText: (text, name) => {
        if (!this.#hasBegun && this.#listener) host.answered(Object.assign(facts, name && { model_used: name }));
        this.#pass(text, "");
        return true;
      },
      onReasoning: (reasoning) => this.#pass("", reasoning),
      onRestart: (reasoning) => this.restart(reasoning),
      ...(response_format && { response_format }),
      ...(tools && tools.length > 0 && { tools, ...(tool_choice !== undefined && { tool_choice }) }),
    };
    const reply = await unannounced(() => request(this.#call, model, options));
    if (this.#listener) {
      const name: unknown = reply.response_metadata.model_name;
      const isTruncated = reply.response_metadata.finish_reason === "length" || this.#listener.texts.isCut;
      const model_used = typeof name === "string" && name !== "" ? name : facts.model_used;
      host.answered({ ...facts, model_used, ...(isTruncated && { truncated: true as const }) });
    }
    return reply;
  }

  #pass(text: string, reasoning: string): void {
    if (text === "" && reasoning === "") return;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    this.#listener?.texts.add(this.#runId, text, reasoning);
    const { manager, onPiece } = this.#asking;
    onPiece?.({ text, reasoning });
    if (manager?.handlers.some(({ name }) => wantsToken(name, isFirst))) void manager.handleLLMNewToken(text);
  }
}
