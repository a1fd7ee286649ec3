import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

import type { Spending } from "../../graphs/host.ts";
import type { Outcome } from "../store/turns.ts";

export interface Metrics {
  registry: Registry;
  /** Counts an ended turn. */
  turn(outcome: Outcome): void;
  /** Counts how long a turn has waited for a person. */
  waited(ms: number): void;
  /** Counts the spending of model calls as it happens, by engine, `router` or `summary`. */
  spent(engine: string, spending: Spending): void;
  /** Counts a failed step. */
  stepFailed(step: string, code: string): void;
  /** Counts a refused handshake. */
  refused(reason: string): void;
  /** Registers a gauge of the turns that wait for a person. */
  watchWaits(count: () => Promise<number>): void;
  /** Registers gauges that call `stats` on each scrape. */
  watchSockets(stats: () => { sockets: number; channels: number; longestBacklog: number }): void;
}

export function metrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const turns = new Counter({
    name: "turns_total",
    help: "Ended turns, by engine and status.",
    labelNames: ["engine", "status"],
    registers,
  });
  const duration = new Histogram({
    name: "turn_duration_seconds",
    help: "Duration of turns from start to end, by engine.",
    labelNames: ["engine"],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    registers,
  });
  const waits = new Histogram({
    name: "turn_wait_seconds",
    help: "How long turns waited for a person's answers. Not part of turn_duration_seconds.",
    buckets: [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800],
    registers,
  });
  const calls = new Counter({
    name: "model_calls_total",
    help: "Requests sent to models, by engine. Routing and summaries count as the engines router and summary.",
    labelNames: ["engine"],
    registers,
  });
  const tokens = new Counter({
    name: "model_tokens_total",
    help: "Tokens reported by the models, by engine and direction.",
    labelNames: ["engine", "direction"],
    registers,
  });

  const costs = new Counter({
    name: "model_cost_usd_total",
    help: "Cost of model calls in US dollars, by engine. Calls with unknown prices are not counted.",
    labelNames: ["engine"],
    registers,
  });

  const failedSteps = new Counter({
    name: "steps_failed_total",
    help: "Failed steps, by step and error code. Their turns continued without them.",
    labelNames: ["step", "code"],
    registers,
  });

  const refusals = new Counter({
    name: "handshakes_refused_total",
    help: "Refused handshakes, by reason: wrong key or token, rate limit, or unreachable key server.",
    labelNames: ["reason"],
    registers,
  });

  return {
    registry,
    refused(reason) {
      refusals.inc({ reason });
    },
    turn({ status, conversationType, metadata }) {
      const engine = conversationType ?? "none";
      turns.inc({ engine, status });
      if (typeof metadata.processing_time === "number") duration.observe({ engine }, metadata.processing_time / 1000);
    },
    waited(ms) {
      waits.observe(Math.max(0, ms) / 1000);
    },
    spent(engine, { llm_calls, input_tokens, output_tokens, cost_usd }) {
      calls.inc({ engine }, llm_calls);
      tokens.inc({ engine, direction: "input" }, input_tokens);
      tokens.inc({ engine, direction: "output" }, output_tokens);
      costs.inc({ engine }, cost_usd ?? 0);
    },
    stepFailed(step, code) {
      failedSteps.inc({ step: step.replace(/ \d+$/, ""), code });
    },
    watchWaits(count) {
      gauge("turns_waiting", "Turns that wait for a person.", count);
    },
    watchSockets(stats) {
      gauge("sockets", "Connected sockets.", () => stats().sockets);
      gauge("channels", "Joined channels.", () => stats().channels);
      const help = "Bytes waiting to be sent to the slowest client.";
      gauge("socket_backlog_bytes", help, () => stats().longestBacklog);
    },
  };

  function gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  }
}
