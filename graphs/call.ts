import type { AIMessage, BaseMessage } from "@langchain/core/messages";

import { compose } from "./compose.ts";
import { ModelFailure } from "./failure.ts";
import {
  type ChatModel,
  type Host,
  type ModelCallOptions,
  type ModelRequest,
  type Sampling,
  type Spending,
  type TurnRuntime,
  turn,
} from "./host.ts";
import { type Prompt, type PromptFile, promptFile } from "./prompt.ts";

/** A model call to make. The prompt, filled with the values, becomes the instructions. */
export interface Question {
  prompt: Prompt;
  question: string;
  values?: Record<string, string>;
  limits?: Pick<ModelRequest, "retries" | "silenceMs">;
  /** Which of the client's settings apply: for the `answer` all, for a `step` all but `max_tokens`, for `own` none. Default: `answer`. */
  sampling?: "answer" | "step" | "own";
}

/** A prepared model call, and what it has spent so far. */
export interface Call {
  host: Host;
  models: ChatModel[];
  messages: BaseMessage[];
  spending: Spending;
  signal: AbortSignal | undefined;
}

export function prepare(runtime: TurnRuntime, request: Question): Call {
  const { prompt, question, values = {}, limits = {} } = request;
  const context = turn(runtime);
  const { host } = context;
  const file = promptFile(host.prompts, prompt);
  const { messages, files } = compose(context, file, values, question);
  const call: Call = {
    host,
    models: [],
    messages,
    spending: { llm_calls: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0, prompts: {} },
    signal: runtime.signal,
  };
  const onRequest = () => spend(call, { llm_calls: 1 });
  const given = clientSampling(context.sampling, request);
  /** Clients hear of the settings that they gave. */
  function onWarning(message: string, setting?: keyof Sampling): void {
    if (setting === undefined || given.some((settings) => settings[setting] !== undefined)) host.warn(message);
  }
  call.models = host.models({ ...sampling(given, file), ...limits, prompt: file.name, onRequest, onWarning });
  for (const used of files) spend(call, { prompts: { [used.name]: used.hash } });
  return call;
}

/** Adds to the spending of the call and of the turn. Called as soon as something is spent, because the turn may be stopped any time. */
export function spend({ host, spending }: Call, part: Partial<Spending>): void {
  const { llm_calls = 0, cost_usd = 0, input_tokens = 0, output_tokens = 0, prompts = {} } = part;
  spending.llm_calls += llm_calls;
  spending.cost_usd = addCosts(spending.cost_usd, cost_usd);
  spending.input_tokens += input_tokens;
  spending.output_tokens += output_tokens;
  Object.assign(spending.prompts, prompts);
  host.spent({ llm_calls, cost_usd, input_tokens, output_tokens, prompts });
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
function sampling(given: Sampling[], file: PromptFile): Sampling {
  const first = <Key extends keyof Sampling>(key: Key) =>
    [...given, file.settings].find((settings) => settings[key] !== undefined)?.[key];
  return {
    model: first("model"),
    temperature: first("temperature"),
    max_tokens: first("max_tokens"),
    top_p: first("top_p"),
  };
}

/** Sends one request and returns the whole reply. Books what it cost. */
export async function request(
  call: Call,
  model: ChatModel,
  { messages = call.messages, ...options }: ModelCallOptions & { messages?: BaseMessage[] } = {},
): Promise<AIMessage> {
  const reply = await model.chat.invoke(messages, { signal: call.signal, ...options }).catch((error: unknown) => {
    spend(call, { cost_usd: null }); // a partial reply may have cost something, but nobody says how much
    throw error;
  });
  const { input_tokens = 0, output_tokens = 0 } = reply.usage_metadata ?? {};
  const names = { asked: model.name, reported: reply.response_metadata.model_name };
  const cost_usd = reply.usage_metadata ? call.host.price(names, input_tokens, output_tokens) : null;
  spend(call, { cost_usd, input_tokens, output_tokens });
  return reply;
}

/** Tries the models in order until one succeeds. Throws the last ModelFailure. */
export async function withFallbacks<T>(
  { models, signal }: Call,
  attempt: (model: ChatModel, isFallback: boolean) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (const [index, model] of models.entries()) {
    try {
      return await attempt(model, index > 0);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ModelFailure)) throw error;
      failure = error;
    }
  }
  throw failure;
}
