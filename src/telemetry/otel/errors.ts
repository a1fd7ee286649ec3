import { type Span, SpanStatusCode } from "@opentelemetry/api";

import { ModelFailure } from "../../../graphs/failure.ts";
import { names } from "./names.ts";

/** Whoever stopped a turn aborts its calls: nothing is wrong with them. */
const cancelled = new Set(["AbortError", "ModelAbortError", "TurnEnd"]);

/** Marks a span as failed, with a code alone: an error's message may quote users, models and tools. */
export function endWithError(span: Span, error: unknown): void {
  const type = typeOf(error);
  span.setAttribute(names.error, type);
  if (type !== "cancelled") span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}

function typeOf(error: unknown): string {
  if (error instanceof ModelFailure) return error.code;
  if (!(error instanceof Error)) return "_OTHER";
  return cancelled.has(error.name) ? "cancelled" : error.name;
}
