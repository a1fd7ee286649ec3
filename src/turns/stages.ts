import type { JsonObject } from "../../graphs/host.ts";
import type { Progress } from "../../graphs/progress.ts";
import type { Route } from "./ledger.ts";

export function routeOf({ route, routed_to, routing }: Extract<Progress, { type: "routed" }>): Route {
  return { conversation_type: route, routed_to, routing: { ...routing } };
}

/** The payload of the `thinking` event for this progress, without its `turn_id`. */
export function stageOf(progress: Progress): JsonObject {
  switch (progress.type) {
    case "routed":
      return { stage: "routed", ...routeOf(progress) };
    case "step_started":
      return { stage: "step_started", step: progress.step };
    case "step_finished": {
      const { step, detail, failed } = progress;
      return { stage: "step_finished", step, detail, ...(failed && { failed: true }) };
    }
    case "answering":
      return { stage: "answering" };
    default:
      return progress satisfies never;
  }
}
