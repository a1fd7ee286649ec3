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

/** What to ask: the prompt's file with its values makes the instructions, the question comes last. */
export interface Question {
  prompt: Prompt;
  question: string;
  values?: Record<string, string>;
  limits?: Pick<ModelRequest, "retries" | "silenceMs">;
  /** Whose sampling counts beside the prompt file's: a length meant for the answer would cut a step short, and the router is the house's. */
  sampling?: "answer" | "step" | "own";
}

/** A model call that is ready to go: its models in order, its messages, and what it has taken so far. */
export interface Call {
  host: Host;
  models: ChatModel[];
  messages: BaseMessage[];
  spending: Spending;
  signal: AbortSignal | undefined;
}

export function prepare(runtime: TurnRuntime, asked: Question): Call {
  const { prompt, question, values = {}, limits = {} } = asked;
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
  call.models = host.models({
    ...sampling(given(context.sampling, asked), file),
    ...limits,
    prompt: file.name,
    onRequest,
  });
  for (const used of files) spend(call, { prompts: { [used.name]: used.hash } });
  return call;
}

/** Books at once what a call takes, with the turn and with the call: a turn that is stopped has spent it all the same. */
export function spend({ host, spending }: Call, part: Partial<Spending>): void {
  const { llm_calls = 0, cost_usd = 0, input_tokens = 0, output_tokens = 0, prompts = {} } = part;
  spending.llm_calls += llm_calls;
  spending.cost_usd = costOfBoth(spending.cost_usd, cost_usd);
  spending.input_tokens += input_tokens;
  spending.output_tokens += output_tokens;
  Object.assign(spending.prompts, prompts);
  host.spent({ llm_calls, cost_usd, input_tokens, output_tokens, prompts });
}

/** A sum is known when both are. */
export function costOfBoth(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function given(sampling: Sampling[], { sampling: whose = "answer" }: Question): Sampling[] {
  if (whose === "own") return [];
  return whose === "answer" ? sampling : sampling.map(({ max_tokens: _forTheAnswer, ...rest }) => rest);
}

/** The first that is given counts: the message's `llm_config`, the preferences, the prompt file. */
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

/** Sends one request and waits for the whole reply. */
export async function request(
  call: Call,
  model: ChatModel,
  { messages = call.messages, ...options }: ModelCallOptions & { messages?: BaseMessage[] } = {},
): Promise<AIMessage> {
  const reply = await model.chat.invoke(messages, { ...options, signal: call.signal }).catch((error: unknown) => {
    spend(call, { cost_usd: null }); // it may have answered in part: nobody says what that cost
    throw error;
  });
  const { input_tokens = 0, output_tokens = 0 } = reply.usage_metadata ?? {};
  const name: string = reply.response_metadata.model_name ?? model.name;
  const cost_usd = reply.usage_metadata ? call.host.price(name, input_tokens, output_tokens) : null;
  spend(call, { cost_usd, input_tokens, output_tokens });
  return reply;
}

/** Tries the models in order until one does not fail; the last failure is the one that counts. */
export async function firstThatAnswers<T>(
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
