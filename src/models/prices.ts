import { calcPrice } from "@pydantic/genai-prices";

import { type Config, price } from "../config.ts";

/** The cost of a call in US dollars; null if the model's price is unknown. */
export type Price = (model: string, inputTokens: number, outputTokens: number) => number | null;

/** Uses MODEL_PRICES first, then the published prices: OpenAI's or, with OPENAI_BASE_URL, those of any provider with a model of that name. */
export function prices({ MODEL_PRICES, OPENAI_BASE_URL }: Pick<Config, "MODEL_PRICES" | "OPENAI_BASE_URL">): Price {
  const known = new Map(MODEL_PRICES.map(priceOf));
  const provider = OPENAI_BASE_URL === undefined ? { providerId: "openai" } : {};
  return (model, inputTokens, outputTokens) => {
    const own = known.get(model);
    if (own) return (inputTokens * own.input + outputTokens * own.output) / 1_000_000;
    const usage = { input_tokens: inputTokens, output_tokens: outputTokens };
    return calcPrice(usage, model, provider)?.total_price ?? null;
  };
}

function priceOf(entry: string): [string, { input: number; output: number }] {
  const [, model = "", input, output] = price.exec(entry) ?? [];
  return [model, { input: Number(input), output: Number(output) }];
}
