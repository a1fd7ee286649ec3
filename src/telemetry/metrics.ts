import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

import type { Spending } from "../../graphs/host.ts";
import type { Outcome } from "../store/turns.ts";

export interface Metrics {
  registry: Registry;
  /** Counts a turn that ended. */
  turn(outcome: Outcome): void;
  /** Counts at once what a model call takes, for the engine, `router` or `summary`: turns that are stopped or reset have spent it too. */
  spent(purpose: string, spending: Spending): void;
  /** Counts a hidden step that gave nothing. */
  stepFailed(step: string, code: string): void;
  /** Counts a handshake that was refused. */
  refused(reason: string): void;
  /** Reads the sockets' numbers whenever the metrics are asked for. */
  watchSockets(stats: () => { sockets: number; channels: number; longestBacklog: number }): void;
}

export function metrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const turns = new Counter({
    name: "turns_total",
    help: "Turns that ended, by engine and status.",
    labelNames: ["engine", "status"],
    registers,
  });
  const duration = new Histogram({
    name: "turn_duration_seconds",
    help: "From the beginning of a turn to its end, by engine.",
    labelNames: ["engine"],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    registers,
  });
  const calls = new Counter({
    name: "model_calls_total",
    help: "Requests sent to models, by engine; router and summary are the calls before and beside it.",
    labelNames: ["engine"],
    registers,
  });
  const tokens = new Counter({
    name: "model_tokens_total",
    help: "Tokens that the models counted, by engine and direction.",
    labelNames: ["engine", "direction"],
    registers,
  });

  const costs = new Counter({
    name: "model_cost_usd_total",
    help: "US dollars spent, by engine, where the prices of the models are known.",
    labelNames: ["engine"],
    registers,
  });

  const failedSteps = new Counter({
    name: "steps_failed_total",
    help: "Hidden steps that gave nothing, by step and code; their turns went on without them.",
    labelNames: ["step", "code"],
    registers,
  });

  const refusals = new Counter({
    name: "handshakes_refused_total",
    help: "Handshakes refused for a wrong key or token, a rate limit, or an unreachable key server.",
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
    spent(engine, { llm_calls, input_tokens, output_tokens, cost_usd }) {
      calls.inc({ engine }, llm_calls);
      tokens.inc({ engine, direction: "input" }, input_tokens);
      tokens.inc({ engine, direction: "output" }, output_tokens);
      costs.inc({ engine }, cost_usd ?? 0);
    },
    stepFailed(step, code) {
      failedSteps.inc({ step: step.replace(/ \d+$/, ""), code });
    },
    watchSockets(stats) {
      gauge("sockets", "Connected sockets.", () => stats().sockets);
      gauge("channels", "Joined channels.", () => stats().channels);
      const help = "Bytes that wait for the slowest client to read them.";
      gauge("socket_backlog_bytes", help, () => stats().longestBacklog);
    },
  };

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}
