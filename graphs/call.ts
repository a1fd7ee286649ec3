import type { AIMessage } from "@langchain/core/messages";
import type { ChatModel, ModelCallOptions } from "./chat-model.ts";
import { compose } from "./compose.ts";
import { ModelFailure } from "./failure.ts";
import { type Host, type ModelRequest, type Sampling, type Spending, type TurnRuntime, turn } from "./host.ts";
import { type Prompt, promptFile } from "./prompt.ts";
import { RequestMessages } from "./request-messages.ts";

/** A model call to make. The prompt, filled with the values, becomes the instructions. */
export interface Question {
  prompt: Prompt;
  question: string;
  values?: Record<string, string>;
  limits?: Pick<ModelRequest, "retries" | "silenceMs">;
  /** Which of the client's settings apply: for the `answer` all, for a `step` all but `max_tokens`, for `own` none. Default: `answer`. */
  sampling?: "answer" | "step" | "own";
  /** The reply is the turn's answer, or a part of it. */
  isAnswer?: true;
}

/** The messages of a call's requests. Whoever makes them hears what becomes of a request. */
export type CallMessages = Pick<
  RequestMessages,
  "fitting" | "begun" | "answered" | "shorten" | "exceed" | "withoutImages"
>;

/** A prepared model call, and what it has spent so far. */
export interface Call {
  host: Host;
  models: ChatModel[];
  messages: CallMessages;
  spending: Spending;
  signal: AbortSignal | undefined;
}

export async function prepare(runtime: TurnRuntime, request: Question): Promise<Call> {
  const { prompt, question, values = {}, limits = {} } = request;
  const context = turn(runtime);
  const file = promptFile(context.host.prompts, prompt);
  const attached = await context.attached();
  const cited = request.isAnswer ? attached.sources : [];
  for (const { number: _number, isEarlier, ...source } of cited) context.host.source(source, isEarlier);
  const composed = compose(context, file, values, { question, attached, cited });
  const messages = new RequestMessages(composed, context.host);
  const given = clientSampling(context.sampling, request);
  const call = callOf(context.host, { prompt: file.name, messages, given, own: file.settings, limits }, runtime.signal);
  for (const used of composed.files) spend(call, { prompts: { [used.name]: used.hash } });
  return call;
}

interface CallSettings {
  /** Names the call, for the demo model. */
  prompt: string;
  messages: CallMessages;
  /** What the client set. The first one that sets a key wins. */
  given: Sampling[];
  /** Applies where the client set nothing. */
  own: Sampling;
  limits?: Pick<ModelRequest, "retries" | "silenceMs">;
}

export function callOf(host: Host, settings: CallSettings, signal: AbortSignal | undefined): Call {
  const { prompt, messages, given, own, limits } = settings;
  const spending = { llm_calls: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0, prompts: {} };
  const call: Call = { host, models: [], messages, spending, signal };
  const onRequest = (model?: string) => spend(call, { llm_calls: 1, model });
  /** Clients hear of the settings that they gave. */
  function onWarning(message: string, setting?: keyof Sampling): void {
    if (setting === undefined || given.some((one) => one[setting] !== undefined)) host.warn(message);
  }
  call.models = host.models({ ...sampling(given, own), ...limits, prompt, onRequest, onWarning });
  return call;
}

/** Adds to the spending of the call and of the turn. Called as soon as something is spent, because the turn may be stopped any time. */
export function spend({ host, spending }: Call, part: Partial<Spending>): void {
  const { llm_calls = 0, cost_usd = 0, input_tokens = 0, output_tokens = 0, prompts = {}, model } = part;
  spending.llm_calls += llm_calls;
  spending.cost_usd = addCosts(spending.cost_usd, cost_usd);
  spending.input_tokens += input_tokens;
  spending.output_tokens += output_tokens;
  Object.assign(spending.prompts, prompts);
  host.spent({ llm_calls, cost_usd, input_tokens, output_tokens, prompts, ...(model !== undefined && { model }) });
}

/** Adds two costs; null if either is unknown. */
export function addCosts(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function clientSampling(sampling: Sampling[], { sampling: whose = "answer" }: Question): Sampling[] {
  if (whose === "own") return [];
  return whose === "answer" ? sampling : sampling.map(({ max_tokens: _forTheAnswer, ...rest }) => rest);
}

/** For each setting the first one given, in this order: `llm_config`, preferences, prompt file. */
function sampling(given: Sampling[], own: Sampling): Sampling {
  const first = <Key extends keyof Sampling>(key: Key) =>
    [...given, own].find((settings) => settings[key] !== undefined)?.[key];
  return {
    model: first("model"),
    temperature: first("temperature"),
    max_tokens: first("max_tokens"),
    top_p: first("top_p"),
  };
}

/** Sends one request and returns the whole reply. Books what it cost. `addition` is added to the instructions. */
export async function request(
  call: Call,
  model: ChatModel,
  { addition, ...options }: ModelCallOptions & { addition?: string } = {},
): Promise<AIMessage> {
  const messages = call.messages.fitting(model, addition);
  const { onText, onReasoning } = options;
  const heard: ModelCallOptions = {
    onText(text, name) {
      call.messages.begun();
      return onText?.(text, name) !== false;
    },
    onReasoning(text) {
      call.messages.begun();
      onReasoning?.(text);
    },
  };
  const all = { signal: call.signal, ...options, ...heard };
  const reply = await model.chat.invoke(messages, all).catch((error: unknown) => {
    spend(call, { cost_usd: null, model: model.name }); // a partial reply may have cost something, but nobody says how much
    throw error;
  });
  call.messages.answered();
  const { input_tokens = 0, output_tokens = 0 } = reply.usage_metadata ?? {};
  const names = { asked: model.name, reported: reply.response_metadata.model_name };
  const cost_usd = reply.usage_metadata ? call.host.price(names, input_tokens, output_tokens) : null;
  spend(call, { cost_usd, input_tokens, output_tokens, model: model.name });
  return reply;
}

/** The attempt is not the first one for the turn: its model is a fallback, or the request was shortened for it. */
interface Repeated {
  isFallback: boolean;
  isShortened: boolean;
}

/** Tries the models in order until one succeeds, each with less memory if its context overflows, and without images if it cannot see. Throws the last ModelFailure. */
export async function withFallbacks<T>(
  { models, messages, signal }: Call,
  attempt: (model: ChatModel, repeated: Repeated) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (const [index, model] of models.entries()) {
    let isShortened = false;
    do {
      try {
        return await attempt(model, { isFallback: index > 0, isShortened });
      } catch (error) {
        isShortened = false;
        signal?.throwIfAborted();
        if (!(error instanceof ModelFailure)) throw error;
        failure = error;
        if (error.reason === "context_overflow") isShortened = messages.shorten(model, error.contextTokens);
        else isShortened = error.reason === "images" && messages.withoutImages(model);
      }
    } while (isShortened);
  }
  throw failure;
}
