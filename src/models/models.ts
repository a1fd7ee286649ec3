import type { ChatModel } from "../../graphs/chat-model.ts";
import { ModelFailure } from "../../graphs/failure.ts";
import type { ModelRequest, RoutingPolicy } from "../../graphs/host.ts";
import type { Config } from "../config.ts";
import { Adaptations } from "./adapting/adaptations.ts";
import { ContextWindows } from "./context-windows.ts";
import { DemoModel } from "./demo/demo-model.ts";
import { type Endpoint, endpoint } from "./http/endpoint.ts";
import { StreamingOpenAI } from "./openai.ts";
import { ownModel, type ProviderModelName, providerModel } from "./providers/names.ts";
import { ProviderModel } from "./providers/provider-model.ts";
import { Vision } from "./vision.ts";

const defaultRetries = 2;

/** True if neither a model server nor a provider is configured. The built-in demo model answers then. */
export function isDemo(config: Config): boolean {
  return !hasServer(config) && !providerModel(config.MODEL);
}

function hasServer({ OPENAI_API_KEY, OPENAI_BASE_URL }: Config): boolean {
  return Boolean(OPENAI_API_KEY || OPENAI_BASE_URL);
}

/** The routing from the settings. The demo model cannot route, so it always uses the local classifier. */
export function routingPolicy(config: Config): RoutingPolicy {
  return { mode: isDemo(config) ? "local" : config.ROUTING, threshold: config.ROUTING_THRESHOLD };
}

/**
 * Returns the chat models to try for a request, in order: the requested one (or the default), then the fallbacks. What the model server does
 * not take is remembered in `adaptations`.
 */
export function chatModels(
  config: Config,
  adaptations = new Adaptations(),
  vision = new Vision(config),
): (request: ModelRequest) => ChatModel[] {
  if (isDemo(config)) {
    return ({ prompt, onRequest }) => {
      const settings = { prompt, wordMs: config.DEMO_WORD_MS, onRequest: () => onRequest("demo") };
      return [{ name: "demo", sees: false, chat: new DemoModel(settings) }];
    };
  }
  const server = endpoint({
    apiKey: config.OPENAI_API_KEY ?? "none",
    baseURL: config.OPENAI_BASE_URL,
    organization: config.OPENAI_ORG_ID,
    project: config.OPENAI_PROJECT_ID,
  });
  function chat(request: ModelRequest, name: string): ChatModel["chat"] {
    const provided = providerModel(name);
    if (provided) return providerChat(config, provided, adaptations, request);
    if (!hasServer(config)) return withoutServer(name);
    return openAI(config, server, adaptations, { ...request, model: ownModel(name) });
  }
  const windows = new ContextWindows(config);
  /** The request for this model. A limit that no request has room for is left out. */
  function requestTo(request: ModelRequest, name: string): ModelRequest {
    const { max_tokens, onWarning } = request;
    const onRequest = () => request.onRequest(name);
    if (max_tokens === undefined || !windows.isOver(name, max_tokens)) return { ...request, onRequest };
    const warning = `The context of the model ${name} is too short for max_tokens ${max_tokens}; it answered without it.`;
    const warned = () => {
      onWarning?.(warning, "max_tokens");
      onRequest();
    };
    return { ...request, max_tokens: undefined, onRequest: warned };
  }
  return (request) => {
    const names = new Set([request.model ?? config.MODEL, ...config.FALLBACK_MODELS]);
    return [...names].map((name) => {
      const limited = requestTo(request, name);
      const room = windows.room(name, limited.max_tokens);
      const cannotSee = () => vision.refused(name);
      return { name, chat: chat(limited, name), room, sees: vision.known(name), cannotSee };
    });
  };
}

function providerChat(config: Config, name: ProviderModelName, adaptations: Adaptations, request: ModelRequest) {
  const { retries = defaultRetries, onRequest, onWarning } = request;
  return new ProviderModel({
    name,
    sampling: request,
    adaptations,
    retries,
    silenceMs: silenceMs(config, request),
    onRequest,
    onWarning,
  });
}

/** A model of the OpenAI-compatible server where only providers are configured. */
function withoutServer(name: string): ChatModel["chat"] {
  const help = `${name} needs OPENAI_API_KEY or OPENAI_BASE_URL`;
  const failure = new ModelFailure("model_unavailable", "There is no server for this model.", {
    help,
    inAnyForm: true,
  });
  return { invoke: () => Promise.reject(failure) };
}

function silenceMs(config: Config, request: ModelRequest): number {
  return Math.min(request.silenceMs ?? config.MODEL_TIMEOUT_MS, config.MODEL_TIMEOUT_MS);
}

function openAI(
  config: Config,
  endpoint: Endpoint,
  adaptations: Adaptations,
  request: ModelRequest & { model: string },
): StreamingOpenAI {
  return new StreamingOpenAI({
    endpoint,
    model: request.model,
    temperature: request.temperature,
    maxTokens: request.max_tokens,
    topP: request.top_p,
    retries: request.retries ?? defaultRetries,
    silenceMs: silenceMs(config, request),
    onRequest: request.onRequest,
    onWarning: request.onWarning,
    adaptations,
  });
}
