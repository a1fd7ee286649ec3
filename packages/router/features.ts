import { type Incoming, nothing, scene } from "./scene.ts";
import { type Grams, hashedGrams } from "./signals/grams.ts";
import { signalNames } from "./signals/named.ts";
import { learnNames, signals } from "./signals/signals.ts";

learnNames(nothing());

export { signalNames };

/** The model's input for one message. The arrays are reused: the next call overwrites them. */
export interface Features {
  signals: Float64Array;
  grams: Grams;
  /** The message consisted only of instructions to the router, which were removed. */
  empty: boolean;
}

export function features(incoming: Incoming): Features {
  const seen = scene(incoming);
  return {
    signals: signals(seen),
    grams: hashedGrams(seen.message),
    empty: seen.message.text.trim() === "" && incoming.content.trim() !== "",
  };
}
