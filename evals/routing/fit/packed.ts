import type { Model } from "conversation-channel-router/model.ts";
import { pack, type Weights } from "conversation-channel-router/weights.ts";

/** A model as it is shipped; what is measured goes through the same rounding. */
export function packed(model: Model): Pick<Weights, "stages" | "sharpness"> {
  return { stages: { followUp: pack(model.followUp), kind: pack(model.kind) }, sharpness: model.sharpness };
}
