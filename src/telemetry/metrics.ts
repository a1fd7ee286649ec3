import { Counter, collectDefaultMetrics, Registry } from "prom-client";

import { type Gauges, gauges } from "./gauges.ts";
import { bounded } from "./labels.ts";
import { type ModelMetrics, modelMetrics } from "./model-metrics.ts";
import { type TurnMetrics, turnMetrics } from "./turn-metrics.ts";

/** Models that have series of their own. */
const maxModels = 50;

export interface Metrics extends TurnMetrics, ModelMetrics, Gauges {
  registry: Registry;
  /** Counts a refused handshake. */
  refused(reason: string): void;
}

export function metrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const refusals = new Counter({
    name: "handshakes_refused_total",
    help: "Refused handshakes, by reason: wrong key or token, rate limit, or unreachable key server.",
    labelNames: ["reason"],
    registers: [registry],
  });
  return {
    registry,
    ...turnMetrics(registry, bounded(maxModels)),
    ...modelMetrics(registry, bounded(maxModels)),
    ...gauges(registry),
    refused: (reason) => refusals.inc({ reason }),
  };
}
