import type { Model } from "conversation-channel-router/model.ts";
import { pack, type Weights } from "conversation-channel-router/weights.ts";

/** Packs a model for weights.json. Measurements use packed models too, so that they include the rounding. */
export function packed(model: Model): Pick<Weights, "stages" | "sharpness"> {
  return { stages: { followUp: pack(model.followUp), kind: pack(model.kind) }, sharpness: model.sharpness };
}
