import { ModelFailure, type ModelFailureCode } from "../failure.ts";
import type { ModelCalls } from "./model-calls.ts";

/** How deep an error may be wrapped by middleware. */
const maxCauses = 10;

/** The failure of a model that an error comes from, or the error itself. */
export function toFailure(error: unknown, models: Pick<ModelCalls, "isFailure">): unknown {
  let cause = error;
  for (let depth = 0; depth < maxCauses && cause instanceof Error; depth += 1) {
    if (cause instanceof ModelFailure) return cause;
    if (models.isFailure(cause)) return new ModelFailure(codeOf(cause), "A model of the graph failed.", { cause });
    cause = cause.cause;
  }
  return error;
}

/** From the HTTP status, which packages give in their errors. */
function codeOf(error: Error): ModelFailureCode {
  const status = "status" in error ? error.status : "statusCode" in error ? error.statusCode : undefined;
  if (status === 429) return "model_rate_limited";
  return status === 408 || /timeout/i.test(error.name) ? "model_timeout" : "model_unavailable";
}
