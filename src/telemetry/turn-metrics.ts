import { Counter, Histogram, type Registry } from "prom-client";

import type { Outcome } from "../store/turns.ts";

export interface TurnMetrics {
  /** Counts an ended turn. */
  turn(outcome: Outcome): void;
  /** Counts how long an accepted turn has waited for its first attempt. */
  queued(ms: number): void;
  /** Counts how long a turn has waited for a person. */
  waited(ms: number): void;
  /** Counts a failed step. */
  stepFailed(step: string, code: string): void;
  /** Counts a turn of another process that this one goes on with. */
  tookOver(): void;
  /** Counts a turn that ran here and may not go on here, because its claim is void or could not be renewed. */
  leaseLost(): void;
}

export function turnMetrics(registry: Registry, modelLabel: (name: string | undefined) => string): TurnMetrics {
  const registers = [registry];
  const turns = new Counter({
    name: "turns_total",
    help: "Ended turns, by engine and status.",
    labelNames: ["engine", "status"],
    registers,
  });
  const failures = new Counter({
    name: "turns_failed_total",
    help: "Turns that failed, by engine and error code.",
    labelNames: ["engine", "code"],
    registers,
  });
  const duration = new Histogram({
    name: "turn_duration_seconds",
    help: "Duration of turns from start to end, by engine and the model that answered.",
    labelNames: ["engine", "model"],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    registers,
  });
  const firstWord = new Histogram({
    name: "turn_first_word_seconds",
    help: "From the start of a turn to the first word of its answer, by engine and the model that answered.",
    labelNames: ["engine", "model"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
    registers,
  });
  const queue = new Histogram({
    name: "turn_queue_seconds",
    help: "From accepting a message to the start of its turn: behind other turns of its conversation, or for a free slot.",
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const waits = new Histogram({
    name: "turn_wait_seconds",
    help: "How long turns waited for a person's answers. Not part of turn_duration_seconds.",
    buckets: [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800],
    registers,
  });
  const failedSteps = new Counter({
    name: "steps_failed_total",
    help: "Failed steps, by step and error code. Their turns continued without them.",
    labelNames: ["step", "code"],
    registers,
  });
  const takeovers = new Counter({
    name: "turns_taken_over_total",
    help: "Turns that another process had begun, and that this one went on with.",
    registers,
  });
  const lost = new Counter({
    name: "leases_lost_total",
    help: "Turns that stopped running here because their lease was lost or could not be renewed.",
    registers,
  });

  return {
    turn({ status, conversationType, metadata, firstWordMs }) {
      const engine = conversationType ?? "none";
      const { processing_time, model_used } = metadata;
      turns.inc({ engine, status });
      if (status === "failed") failures.inc({ engine, code: String(Object(metadata.error).code) });
      const labels = { engine, model: modelLabel(typeof model_used === "string" ? model_used : undefined) };
      if (typeof processing_time === "number") duration.observe(labels, processing_time / 1000);
      if (firstWordMs !== undefined) firstWord.observe(labels, firstWordMs / 1000);
    },
    queued: (ms) => queue.observe(Math.max(0, ms) / 1000),
    waited: (ms) => waits.observe(Math.max(0, ms) / 1000),
    stepFailed: (step, code) => failedSteps.inc({ step: step.replace(/ \d+$/, ""), code }),
    tookOver: () => takeovers.inc(),
    leaseLost: () => lost.inc(),
  };
}
