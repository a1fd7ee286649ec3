import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";

import type { JsonObject } from "../../graphs/host.ts";
import type { Outcome, Turn } from "../store/turns.ts";

/** Why there was an attempt before: the turn waited for a person, or whoever ran it stopped doing so. */
export type Resumed = "wait" | "takeover";

/** How an attempt has ended. Without outcome, wait and interruption, the turn is not this process's any more. */
export interface Ended {
  outcome?: Outcome;
  wait?: { questions: readonly unknown[] };
  isInterrupted?: boolean;
  /** The route and the metadata, if there is no outcome. */
  facts?: JsonObject;
}

/** The ids of a span, with the names that log collectors know. */
export interface SpanIds {
  trace_id: string;
  span_id: string;
}

/** The span of one attempt of a turn. */
export interface TurnSpan {
  ids: SpanIds;
  /** For the graph: they make the spans within. None if the turn is not sampled. */
  callbacks: BaseCallbackHandler[];
  /** How long the turn waited for its first attempt. */
  queued(ms: number): void;
  ended(end: Ended): void;
}

/** Sends one trace per turn to an OpenTelemetry collector in the background. A slow or unreachable one does not affect turns. */
export interface Spans {
  begin(turn: Turn, resumed: Resumed | undefined): TurnSpan;
  /** Spans that were sent, and that were lost because the collector did not take them. */
  stats(): { sent: number; lost: number };
  /** Sends what is left, for a limited time, and ends. */
  close(): Promise<void>;
}
