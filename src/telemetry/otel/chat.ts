import { AIMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import type { Attributes } from "@opentelemetry/api";

import { names } from "./names.ts";

/** What LangChain tells of a model call besides its messages. */
export interface Extra {
  invocation_params?: unknown;
}

/** The conventions' names for LangChain's names of providers, where they differ. */
const providers: Record<string, string> = {
  azure: "azure.ai.openai",
  azure_openai: "azure.ai.openai",
  bedrock: "aws.bedrock",
  amazon_bedrock: "aws.bedrock",
  google_genai: "gcp.gemini",
  "google-genai": "gcp.gemini",
  google_vertexai: "gcp.vertex_ai",
  mistralai: "mistral_ai",
  mistral: "mistral_ai",
  xai: "x_ai",
};

/** A model call before it is answered. */
export function askedOf({ invocation_params }: Extra, metadata: Record<string, unknown>) {
  const given = (invocation_params ?? {}) as Record<string, unknown>; // of each provider's own form
  const model = text(given.model) ?? text(given.modelName) ?? text(metadata.ls_model_name);
  const provider = text(metadata.ls_provider)?.toLowerCase();
  const attributes: Attributes = {
    [names.operation]: "chat",
    [names.provider]: provider && (providers[provider] ?? provider),
    [names.requestModel]: model,
    [names.temperature]: number(given.temperature),
    [names.topP]: number(given.top_p) ?? number(given.topP),
    [names.maxTokens]: number(given.max_tokens) ?? number(given.max_completion_tokens) ?? number(given.maxOutputTokens),
  };
  return { model, attributes };
}

/** What its reply says about itself. */
export function repliedOf({ generations }: LLMResult): Attributes {
  const first = generations[0]?.[0];
  const message = first && "message" in first && AIMessage.isInstance(first.message) ? first.message : undefined;
  if (!message) return {};
  const { response_metadata: facts, usage_metadata: usage } = message;
  const reason = text(facts.finish_reason) ?? text(facts.stop_reason) ?? text(facts.finishReason);
  return {
    [names.responseModel]: text(facts.model_name) ?? text(facts.model),
    [names.finishReasons]: reason === undefined ? undefined : [reason],
    [names.inputTokens]: usage?.input_tokens,
    [names.outputTokens]: usage?.output_tokens,
    [names.cacheReadTokens]: usage?.input_token_details?.cache_read,
    [names.cacheCreationTokens]: usage?.input_token_details?.cache_creation,
    [names.reasoningTokens]: usage?.output_token_details?.reasoning,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
