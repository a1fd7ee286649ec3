import { Counter, type Registry } from "prom-client";

import type { Spending } from "../../graphs/host.ts";

export interface ModelMetrics {
  /** Counts the spending of model calls as it happens, by engine, `router` or `summary`. */
  spent(engine: string, spending: Spending): void;
}

export function modelMetrics(registry: Registry, modelLabel: (name: string | undefined) => string): ModelMetrics {
  const registers = [registry];
  const calls = new Counter({
    name: "model_calls_total",
    help: "Requests sent to models, by engine and model. Routing and summaries count as the engines router and summary.",
    labelNames: ["engine", "model"],
    registers,
  });
  const tokens = new Counter({
    name: "model_tokens_total",
    help: "Tokens reported by the models, by engine, model and direction.",
    labelNames: ["engine", "model", "direction"],
    registers,
  });
  const costs = new Counter({
    name: "model_cost_usd_total",
    help: "Cost of model calls in US dollars, by engine and model. Calls with unknown prices are not counted.",
    labelNames: ["engine", "model"],
    registers,
  });
  return {
    spent(engine, { model: name, llm_calls, input_tokens, output_tokens, cost_usd }) {
      if (name === undefined && llm_calls === 0 && input_tokens === 0 && output_tokens === 0) return; // a prompt was used
      const model = modelLabel(name);
      calls.inc({ engine, model }, llm_calls);
      tokens.inc({ engine, model, direction: "input" }, input_tokens);
      tokens.inc({ engine, model, direction: "output" }, output_tokens);
      costs.inc({ engine, model }, cost_usd ?? 0);
    },
  };
}
