import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";

import { compose, sharedPrompts } from "./compose.ts";
import { ModelFailure } from "./failure.ts";
import {
  type ChatModel,
  type ModelCallOptions,
  type ModelRequest,
  type Sampling,
  type Spending,
  type TurnRuntime,
  turn,
} from "./host.ts";
import { type Prompt, type PromptFile, promptFile } from "./prompt.ts";

/** An answer longer than this many UTF-16 units is cut and marked as truncated. */
const longestAnswer = 1_048_576;

/** The hidden calls' tag: LangGraph's `messages` stream leaves their tokens out. */
const hidden = ["nostream"];

/** Answers the question in the open: every piece goes to the host at once. Returns the whole text. */
export async function answer(
  runtime: TurnRuntime,
  prompt: Prompt,
  question: string,
  values: Record<string, string> = {},
): Promise<string> {
  const { host } = turn(runtime);
  const call = prepare(runtime, { prompt, question, values });
  host.progress({ type: "answering" });
  try {
    return await firstThatAnswers(call.models, async (model, isFallback) => {
      if (isFallback) host.restart();
      const reply = await shown(runtime, call, model);
      host.answered({
        model_used: reply.model || model.name,
        ...(reply.truncated && { truncated: true }),
        ...(isFallback && { fallback_model: model.name }),
      });
      return reply.text;
    });
  } finally {
    host.spent(call.spending);
  }
}

/** A model call that is ready to go: its models in order, its messages, and what it has taken so far. */
export interface Call {
  models: ChatModel[];
  messages: BaseMessage[];
  spending: Spending;
}

/** What to ask: the prompt's file with its values makes the instructions, the question comes last. */
export interface Question {
  prompt: Prompt;
  question: string;
  values?: Record<string, string>;
  limits?: Pick<ModelRequest, "retries" | "silenceMs">;
}

export function prepare(runtime: TurnRuntime, { prompt, question, values = {}, limits = {} }: Question): Call {
  const context = turn(runtime);
  const file = promptFile(context.host.prompts, prompt);
  const prompts = Object.fromEntries([file, ...sharedPrompts(context)].map(({ name, hash }) => [name, hash]));
  const spending: Spending = { llm_calls: 0, input_tokens: 0, output_tokens: 0, prompts };
  const onRequest = () => {
    spending.llm_calls += 1;
  };
  return {
    models: context.host.models({ ...sampling(context.sampling, file), ...limits, prompt: file.name, onRequest }),
    messages: compose(context, file, values, question),
    spending,
  };
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

/** Tries the models in order until one does not fail; the last failure is the one that counts. */
export async function firstThatAnswers<T>(
  models: ChatModel[],
  attempt: (model: ChatModel, isFallback: boolean) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (const [index, model] of models.entries()) {
    try {
      return await attempt(model, index > 0);
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Streams one answer to the host; an empty one is asked for once more. */
async function shown(runtime: TurnRuntime, call: Call, model: ChatModel) {
  const first = await stream(runtime, call, model);
  const reply = first.text === "" ? await stream(runtime, call, model) : first;
  if (reply.text === "") throw new ModelFailure("model_unavailable", "The model answered with nothing, twice.");
  return reply;
}

async function stream(runtime: TurnRuntime, call: Call, model: ChatModel) {
  const { host } = turn(runtime);
  const reply = { text: "", model: "", truncated: false };
  for await (const chunk of await model.chat.stream(call.messages, { signal: runtime.signal })) {
    const piece = chunk.text.slice(0, longestAnswer - reply.text.length);
    if (piece) host.delta(piece);
    reply.text += piece;
    if (!reply.model && chunk.response_metadata.model_name) {
      reply.model = String(chunk.response_metadata.model_name);
      host.answered({ model_used: reply.model });
    }
    reply.truncated ||= chunk.response_metadata.finish_reason === "length";
    count(call.spending, chunk);
    if (reply.text.length === longestAnswer) return { ...reply, truncated: true };
  }
  return reply;
}

/** One model call whose text nobody sees but the graph. */
export async function think(runtime: TurnRuntime, call: Call): Promise<string> {
  return await firstThatAnswers(call.models, async (model) => (await collect(runtime, call, model)).text);
}

/** Reads one hidden reply to its end. */
export async function collect(
  runtime: TurnRuntime,
  call: Call,
  model: ChatModel,
  options: ModelCallOptions & { messages?: BaseMessage[] } = {},
): Promise<AIMessageChunk> {
  const { messages = call.messages, ...rest } = options;
  let reply: AIMessageChunk | undefined;
  for await (const chunk of await model.chat.stream(messages, { ...rest, tags: hidden, signal: runtime.signal })) {
    reply = reply ? reply.concat(chunk) : chunk;
    count(call.spending, chunk);
  }
  if (!reply) throw new ModelFailure("model_unavailable", "The model answered with nothing.");
  return reply;
}

function count(spending: Spending, { usage_metadata: usage }: AIMessageChunk) {
  spending.input_tokens += usage?.input_tokens ?? 0;
  spending.output_tokens += usage?.output_tokens ?? 0;
}
