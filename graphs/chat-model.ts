import type { BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import type { AIMessage, BaseMessage } from "@langchain/core/messages";

/** A tool, or the form of a reply, in OpenAI's format. */
export interface FunctionTool {
  type: "function";
  function: { name: string; description?: string; parameters: Record<string, unknown>; strict?: boolean };
}

/** Call options of our chat models. */
export interface ModelCallOptions extends BaseChatModelCallOptions {
  /** Called with each piece of text as it arrives, and the model's name at the provider. Return false to end the reply. */
  onText?: (text: string, model: string | undefined) => boolean;
  /** Called with each piece of what the model tells about its thinking. */
  onReasoning?: (text: string) => void;
  /** Called if the text so far turns out to be reasoning, with all reasoning so far. The answer begins again. */
  onRestart?: (reasoning: string) => void;
  /** Called with each piece of a tool call's arguments as it arrives. Return false to end the reply. */
  onArguments?: (json: string) => boolean;
  response_format?: {
    type: "json_schema";
    json_schema: { name: string; schema: Record<string, unknown>; strict: boolean };
  };
  tools?: FunctionTool[];
  tool_choice?: string | { type: "function"; function: { name: string } };
}

/** How much a model can read in one request. Learns from what its server refuses. */
export interface Room {
  /** For the messages of a request, as `tokensOf` estimates them. Infinity if nothing is known. */
  readonly tokens: number;
  /** A request of so many tokens was too long. `limit` is the whole context, if the server told. */
  refused(tokens: number, limit?: number): void;
  answered(tokens: number): void;
}

/** A LangChain chat model that supports `ModelCallOptions`, with the name it is configured by. */
export interface ChatModel {
  name: string;
  room?: Room;
  /** It sees images. Default: true. */
  readonly sees?: boolean;
  /** Its server has refused images. */
  cannotSee?(): void;
  chat: { invoke(messages: BaseMessage[], options?: ModelCallOptions): Promise<AIMessage> };
}
