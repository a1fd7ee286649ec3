import type { SettingNames } from "../help.ts";
import { errorTextOf } from "../http/error-text.ts";
import { HttpError } from "../http/http-error.ts";
import { broken } from "../reading/piece.ts";

type Fields = Record<string, unknown>;

/** In which ways a provider's package differs from the others. */
export interface Traits {
  /** The constructor's field for the length limit of an answer. */
  maxTokens: string;
  /** The constructor's fields that make the package use our `fetch`. Without it the package sends requests by itself. */
  fetch?: (own: typeof fetch) => Fields;
  /** The call options for a reply of this JSON schema. Without it the reply is asked for as a tool call. */
  format?: (schema: Fields) => Fields;
  /** Checks a line of a reply, where the package would print it and go on. */
  onLine?: (line: string) => void;
  /** How the usage is told: in `parts` to add up, or `cumulative`. */
  usage: "parts" | "cumulative";
  /** Replies always end with a reason. One without was cut. */
  endsWithReason: boolean;
  /** The environment variable of its key. */
  key?: string;
  /** The environment variable of its address. */
  address?: string;
  /** The provider's id in `@pydantic/genai-prices`. Undefined: no published prices. */
  prices?: string;
}

const usual: Traits = { maxTokens: "maxTokens", usage: "parts", endsWithReason: false };

/** Packages that extend LangChain's OpenAI model. */
const likeOpenAI: Traits = {
  ...usual,
  fetch: (own) => ({ configuration: { fetch: own } }),
  endsWithReason: true,
};

const google: Traits = { ...usual, maxTokens: "maxOutputTokens", key: "GOOGLE_API_KEY", prices: "google" };

const bedrock: Traits = { ...usual, prices: "aws" };

const known: Record<string, Traits> = {
  anthropic: {
    ...usual,
    fetch: (own) => ({ clientOptions: { fetch: own, logLevel: "off" } }), // its log quotes replies
    usage: "cumulative",
    endsWithReason: true,
    key: "ANTHROPIC_API_KEY",
    address: "ANTHROPIC_BASE_URL",
    prices: "anthropic",
  },
  ollama: {
    ...usual,
    maxTokens: "numPredict",
    fetch: (own) => ({ fetch: own }),
    address: "OLLAMA_BASE_URL",
    format: (schema) => ({ format: schema }),
    onLine: checkOllamaLine,
    endsWithReason: true,
  },
  azure_openai: { ...likeOpenAI, address: "AZURE_OPENAI_ENDPOINT", key: "AZURE_OPENAI_API_KEY", prices: "azure" },
  langsmith: likeOpenAI,
  deepseek: { ...likeOpenAI, key: "DEEPSEEK_API_KEY", prices: "deepseek" },
  xai: { ...likeOpenAI, key: "XAI_API_KEY", prices: "x-ai" },
  google,
  "google-genai": google,
  "google-vertexai": google,
  "google-vertexai-web": google,
  aws: bedrock,
  bedrock,
  cerebras: { ...usual, maxTokens: "maxCompletionTokens", key: "CEREBRAS_API_KEY", prices: "cerebras" },
  cohere: { ...usual, key: "COHERE_API_KEY", prices: "cohere" },
  fireworks: { ...usual, key: "FIREWORKS_API_KEY", prices: "fireworks" },
  groq: { ...usual, key: "GROQ_API_KEY", prices: "groq" },
  mistralai: { ...usual, key: "MISTRAL_API_KEY", prices: "mistral" },
  perplexity: { ...usual, key: "PERPLEXITY_API_KEY", prices: "perplexity" },
  together: { ...usual, key: "TOGETHER_AI_API_KEY", prices: "together" },
};

export function traitsOf(provider: string): Traits {
  return known[provider] ?? usual;
}

/** For the words of failures. */
export function settingNames(provider: string): SettingNames {
  const { key = `the key of ${provider}`, address = `the address of ${provider}` } = traitsOf(provider);
  return { key, address };
}

function checkOllamaLine(line: string): void {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch (error) {
    throw broken("The reply is not JSON.", error);
  }
  if (typeof said === "object" && said !== null && "error" in said) throw new HttpError(500, {}, errorTextOf(said));
}
