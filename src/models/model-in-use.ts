import type { ChatModel } from "../../graphs/chat-model.ts";
import { Dialects } from "../../graphs/dialects.ts";
import type { Host, ModelRequest, RoutingPolicy } from "../../graphs/host.ts";
import { allowedModels, type Config } from "../config.ts";
import { Adaptations } from "./adapting/adaptations.ts";
import { chatModels, isDemo, routingPolicy } from "./models.ts";
import { prices } from "./prices.ts";
import { providerModel } from "./providers/names.ts";
import { Vision } from "./vision.ts";

/** How the models of some settings are asked. */
interface Asking {
  config: Config;
  models: (request: ModelRequest) => ChatModel[];
  price: Host["price"];
  dialects: Dialects;
  routing: RoutingPolicy;
  /** Whether a model sees images. Undefined for MODEL. */
  sees: (model: string | undefined) => Promise<boolean>;
}

/** A model of an OpenAI-compatible server, by what a person enters. */
export interface Connection {
  model: string;
  apiKey: string | undefined;
  /** Undefined for OpenAI's. */
  baseURL: string | undefined;
}

/** The models that answer. They can be replaced while the server runs: a turn keeps those that it began with. */
export function modelInUse(first: Config, adapted: (model: string, change: string) => void) {
  let asking = askingOf(first);
  const allowed = new Set(allowedModels(first));
  const watchers = new Set<() => void>();

  function askingOf(config: Config): Asking {
    const vision = new Vision(config);
    const models = chatModels(config, new Adaptations(adapted), vision);
    const sees = async (model = config.MODEL) => !isDemo(config) && (await vision.sees(model));
    return { config, models, price: prices(config), dialects: new Dialects(), routing: routingPolicy(config), sees };
  }

  return {
    current: () => asking,
    /** The models that clients may choose; always those of now. */
    allowed: allowed as ReadonlySet<string>,
    use(config: Config): void {
      asking = askingOf(config);
      allowed.clear();
      for (const name of allowedModels(config)) allowed.add(name);
      for (const changed of watchers) changed();
    },
    /** `changed` runs when other models answer. Returns how to end that. */
    watch(changed: () => void): () => void {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
  };
}

export type ModelInUse = ReturnType<typeof modelInUse>;

/** Adds the models as of the moment: whoever reads them once keeps them. */
export function withModels<Others extends object>(
  { current }: Pick<ModelInUse, "current">,
  others: Others,
): Others & Omit<Asking, "config" | "sees"> {
  return {
    ...others,
    get models() {
      return current().models;
    },
    get price() {
      return current().price;
    },
    get dialects() {
      return current().dialects;
    },
    get routing() {
      return current().routing;
    },
  };
}

/** The settings with another model and its server. What belonged to the server before is left out. */
export function connected(config: Config, { model, apiKey, baseURL }: Connection): Config {
  const ofProviders = (names: string[]) => names.filter((name) => providerModel(name));
  return Object.freeze({
    ...config,
    MODEL: model,
    MODELS: ofProviders(config.MODELS),
    FALLBACK_MODELS: ofProviders(config.FALLBACK_MODELS),
    OPENAI_API_KEY: apiKey,
    OPENAI_BASE_URL: baseURL,
    OPENAI_ORG_ID: undefined,
    OPENAI_PROJECT_ID: undefined,
    MODEL_CONTEXT_TOKENS: undefined,
  });
}
