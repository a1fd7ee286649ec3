import type { ChatModel, ModelRequest, RoutingPolicy } from "../../graphs/host.ts";
import type { Config } from "../config.ts";
import { DemoModel } from "./demo.ts";
import { type Endpoint, endpoint } from "./http/endpoint.ts";
import { StreamingOpenAI } from "./openai.ts";

const defaultRetries = 2;

/** True if no model server is configured. The built-in demo model answers then. */
export function isDemo({ OPENAI_API_KEY, OPENAI_BASE_URL }: Config): boolean {
  return !OPENAI_API_KEY && !OPENAI_BASE_URL;
}

/** The routing from the settings. The demo model cannot route, so it always uses the local classifier. */
export function routingPolicy(config: Config): RoutingPolicy {
  return { mode: isDemo(config) ? "local" : config.ROUTING, threshold: config.ROUTING_THRESHOLD };
}

/** Returns the chat models to try for a request, in order: the requested one (or the default), then the fallbacks. */
export function chatModels(config: Config): (request: ModelRequest) => ChatModel[] {
  if (isDemo(config)) {
    return ({ prompt, onRequest }) => [{ name: "demo", chat: new DemoModel({ prompt, onRequest }) }];
  }
  const server = endpoint({
    apiKey: config.OPENAI_API_KEY ?? "none",
    baseURL: config.OPENAI_BASE_URL,
    organization: config.OPENAI_ORG_ID,
    project: config.OPENAI_PROJECT_ID,
  });
  return (request) => {
    const names = new Set([request.model ?? config.MODEL, ...config.FALLBACK_MODELS]);
    return [...names].map((name) => ({ name, chat: openAI(config, server, { ...request, model: name }) }));
  };
}

function openAI(config: Config, endpoint: Endpoint, request: ModelRequest & { model: string }): StreamingOpenAI {
  return new StreamingOpenAI({
    endpoint,
    model: request.model,
    temperature: request.temperature,
    maxTokens: request.max_tokens,
    topP: request.top_p,
    retries: request.retries ?? defaultRetries,
    silenceMs: Math.min(request.silenceMs ?? config.MODEL_TIMEOUT_MS, config.MODEL_TIMEOUT_MS),
    onRequest: request.onRequest,
  });
}
