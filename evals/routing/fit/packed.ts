import type { Model } from "../../../graphs/router/local/model.ts";
import { pack, type Weights } from "../../../graphs/router/local/weights.ts";

/** A model as it is shipped; what is measured goes through the same rounding. */
export function packed(model: Model): Pick<Weights, "stages" | "sharpness"> {
  return { stages: { followUp: pack(model.followUp), kind: pack(model.kind) }, sharpness: model.sharpness };
}
