import { createHash } from "node:crypto";

import { type SpanContext, TraceFlags } from "@opentelemetry/api";
import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace";

import type { Turn } from "../../store/turns.ts";
import { remoteSpan } from "../traceparent.ts";

/** The client's span that a message was sent in. Undefined if it sent none, or not a valid one. */
export function clientSpan({ request }: Pick<Turn, "request">): SpanContext | undefined {
  const span = remoteSpan(request.traceparent);
  if (!span) return undefined;
  const { traceId, spanId, isSampled } = span;
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

/**
 * The ids of an attempt's span are computed from the turn, so any node knows those of an earlier attempt, and nothing has to be stored. The
 * trace is the client's, or else has the turn's id.
 */
export function attemptIds(turn: Pick<Turn, "id" | "request">, attempt: number): { traceId: string; spanId: string } {
  const digest = createHash("sha256").update(`${turn.id} ${attempt}`).digest("hex");
  return { traceId: clientSpan(turn)?.traceId ?? traceIdOf(turn.id), spanId: digest.slice(0, 16) };
}

/** A UUID has as many bits as a trace id, and a UUIDv7 is random at its end, which samplers look at. */
function traceIdOf(turnId: string): string {
  const hex = turnId.replaceAll("-", "").toLowerCase();
  if (/^(?!0{32})[0-9a-f]{32}$/.test(hex)) return hex;
  return createHash("sha256").update(turnId).digest("hex").slice(0, 32);
}

/** Random ids, except for spans whose ids are given. */
export class GivenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #next: { traceId: string; spanId: string } | undefined;

  /** The span that `start` creates gets these ids. */
  give<Span>(ids: { traceId: string; spanId: string }, start: () => Span): Span {
    this.#next = ids;
    try {
      return start();
    } finally {
      this.#next = undefined;
    }
  }

  generateTraceId = (): string => this.#next?.traceId ?? this.#random.generateTraceId();
  generateSpanId = (): string => this.#next?.spanId ?? this.#random.generateSpanId();
}
