import { BaseChatModel, type BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { BaseMessage } from "@langchain/core/messages";
import type { ChatGeneration } from "@langchain/core/outputs";
import { RunnableBinding } from "@langchain/core/runnables";
import type { ModelCallOptions } from "../../../graphs/chat-model.ts";
import { ModelFailure } from "../../../graphs/failure.ts";
import type { Traits } from "./traits.ts";

type Fields = Record<string, unknown>;

/** What a structured step needs of a request. */
export type Structure = Pick<ModelCallOptions, "response_format" | "tools" | "tool_choice">;

/** A model of a package, and the call options that it takes. */
interface Prepared {
  model: BaseChatModel;
  options: Fields;
}

/**
 * Starts a request. Calls what a package implements instead of `stream`, which would join all chunks again with each new one, and would
 * send a second run to LangSmith: ours is sent already.
 */
export async function* chunks(
  built: BaseChatModel,
  {
    messages,
    structure,
    traits,
    signal,
  }: { messages: BaseMessage[]; structure: Structure; traits: Traits; signal: AbortSignal },
): AsyncGenerator<Pick<ChatGeneration, "message" | "generationInfo">> {
  const { model, options } = prepared(built, structure, traits);
  const callOptions = { ...options, signal };
  const streams = model._streamResponseChunks !== BaseChatModel.prototype._streamResponseChunks;
  if (streams && !model.disableStreaming) yield* model._streamResponseChunks(messages, callOptions);
  else {
    const { generations } = await model._generate(messages, callOptions);
    const [first] = generations;
    if (first) yield { message: first.message, generationInfo: first.generationInfo };
  }
}

/** Throws a ModelFailure that is `unsupported` if the package has no tools. */
function prepared(model: BaseChatModel, { response_format, tools, tool_choice }: Structure, traits: Traits): Prepared {
  const wanted = response_format?.json_schema;
  if (wanted && traits.format) return { model, options: traits.format(wanted.schema) };
  // LangChain's packages take a tool's name here, and `any` for "some tool": two ways of saying the same, if a server refuses one.
  if (wanted) return withTools(model, [{ name: wanted.name, parameters: wanted.schema }], wanted.name);
  if (tools)
    return withTools(
      model,
      tools.map((tool) => tool.function),
      typeof tool_choice === "object" ? "any" : tool_choice,
    );
  return { model, options: {} };
}

function withTools(
  model: BaseChatModel,
  functions: { name: string; description?: string; parameters: Fields }[],
  tool_choice?: string,
): Prepared {
  const tools: BindToolsInput[] = functions.map(({ name, description = "Gives the reply.", parameters }) => ({
    type: "function",
    function: { name, description, parameters },
  }));
  if (!model.bindTools) {
    throw new ModelFailure("model_unavailable", "The provider's package has no tools.", { unsupported: true });
  }
  const bound: unknown = model.bindTools(tools, tool_choice === undefined ? {} : ({ tool_choice } as object));
  if (bound instanceof RunnableBinding && bound.bound instanceof BaseChatModel) {
    return { model: bound.bound, options: { ...bound.config } };
  }
  if (bound instanceof BaseChatModel) return { model: bound, options: {} };
  throw new ModelFailure("model_unavailable", "The provider's package binds tools in an unknown way.", {
    unsupported: true,
  });
}
