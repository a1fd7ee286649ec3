import { calcPrice } from "@pydantic/genai-prices";

import type { Host } from "../../graphs/host.ts";
import type { Config } from "../config.ts";
import { price } from "./price.ts";
import { ownModel, providerModel } from "./providers/names.ts";
import { traitsOf } from "./providers/traits.ts";

/**
 * Uses MODEL_PRICES first, then the published prices: those of the provider, of OpenAI or, with OPENAI_BASE_URL, of any provider with a model
 * of that name. In both, the name that the server reports comes before the one that was asked for.
 */
export function prices({
  MODEL_PRICES,
  OPENAI_BASE_URL,
}: Pick<Config, "MODEL_PRICES" | "OPENAI_BASE_URL">): Host["price"] {
  const known = new Map(MODEL_PRICES.map(priceOf));

  return ({ asked, reported = asked }, input_tokens, output_tokens) => {
    const published = publishedAs(asked, OPENAI_BASE_URL);
    const names = [reported, ...published.names];
    const own = names.map((name) => known.get(name)).find((found) => found !== undefined);
    if (own) return (input_tokens * own.input + output_tokens * own.output) / 1_000_000;
    const { provider } = published;
    if (!provider) return null;
    const found = names.map((name) => calcPrice({ input_tokens, output_tokens }, name, provider));
    return found.find((one) => one !== null)?.total_price ?? null;
  };
}

/** Where a model is found in the published data: its names, and the provider. The provider is undefined if its models are not published. */
export function publishedAs(
  model: string,
  OPENAI_BASE_URL: string | undefined,
): { names: string[]; provider: { providerId?: string } | undefined } {
  const provided = providerModel(model);
  if (!provided) {
    return { names: [model, ownModel(model)], provider: OPENAI_BASE_URL === undefined ? { providerId: "openai" } : {} };
  }
  const providerId = traitsOf(provided.provider).prices;
  return { names: [model, provided.model], provider: providerId === undefined ? undefined : { providerId } };
}

function priceOf(entry: string): [string, { input: number; output: number }] {
  const [, model = "", input, output] = price.exec(entry) ?? [];
  return [model, { input: Number(input), output: Number(output) }];
}
