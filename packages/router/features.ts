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
  /** A short first message. They differ from all others so much that their confidence is calibrated apart. */
  isOpener: boolean;
  /** The message consisted only of instructions to the router, which were removed. */
  empty: boolean;
}

/** In UTF-16 units. */
const maxOpenerUnits = 120;

export function features(incoming: Incoming): Features {
  const seen = scene(incoming);
  return {
    signals: signals(seen),
    grams: hashedGrams(seen.message),
    isOpener: incoming.history.length === 0 && incoming.content.length <= maxOpenerUnits,
    empty: seen.message.text.trim() === "" && incoming.content.trim() !== "",
  };
}
