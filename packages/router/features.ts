import { type Incoming, nothing, scene } from "./scene.ts";
import { type Grams, hashedGrams } from "./signals/grams.ts";
import { signalNames } from "./signals/named.ts";
import { learnNames, signals } from "./signals/signals.ts";

learnNames(nothing());

export { signalNames };

/** Everything the model sees of a message. Both arrays are filled anew with the next call. */
export interface Features {
  signals: Float64Array;
  grams: Grams;
  /** Nothing is left of the message but what it told the router. */
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
