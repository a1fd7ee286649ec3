import { MODEL_PROVIDER_CONFIG } from "langchain/chat_models/universal";

/** A model that is asked through its provider's LangChain package. */
export interface ProviderModelName {
  /** As it is configured: `provider:model`. */
  name: string;
  /** As LangChain's `initChatModel` calls it. */
  provider: string;
  /** The name at the provider. */
  model: string;
  /** The npm package. */
  package: string;
}

const packages = new Map(Object.entries(MODEL_PROVIDER_CONFIG).map(([provider, known]) => [provider, known.package]));

/** For models of the OpenAI-compatible server whose own name begins like a provider's: `openai:anthropic:small`. */
const ownPrefix = "openai:";

/** `mistral:7b` is a model of Ollama's OpenAI-compatible server. The provider's other prefix is `mistralai:`. */
const notProviders = new Set(["openai", "mistral"]);

/** Undefined for models of the OpenAI-compatible server. Other names with a colon are such models too: `llama3.2:3b`. */
export function providerModel(name: string): ProviderModelName | undefined {
  const colon = name.indexOf(":");
  const provider = name.slice(0, Math.max(colon, 0));
  const found = notProviders.has(provider) ? undefined : packages.get(provider);
  const model = name.slice(colon + 1);
  return found && model ? { name, provider, model, package: found } : undefined;
}

/** What the OpenAI-compatible server calls the model. */
export function ownModel(name: string): string {
  return name.startsWith(ownPrefix) ? name.slice(ownPrefix.length) : name;
}
