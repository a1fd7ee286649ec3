import { signalNames } from "conversation-channel-router/features.ts";
import { packBackground, type Weights } from "conversation-channel-router/weights.ts";
import type { Labelled } from "../held-out.ts";
import { sha256 } from "../items.ts";
import { learnBackground } from "./background.ts";
import type { Calibration } from "./calibrate.ts";
import { learn, types } from "./model.ts";
import { packed } from "./packed.ts";

/** Trains the weights that are shipped, on all messages. */
export function train(all: readonly Labelled[], { sharpness, followUpFavour, threshold }: Calibration): Weights {
  return {
    trained: { on: new Date().toISOString().slice(0, 10), items: all.length, sha256: sha256() },
    types: [...types],
    signals: [...signalNames],
    threshold,
    followUpFavour,
    ...packed({ ...learn(all.map(({ lesson }) => lesson)), sharpness }),
    background: packBackground(learnBackground(all)),
  };
}
