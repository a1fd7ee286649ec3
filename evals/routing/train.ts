import { writeFileSync } from "node:fs";

import { signalNames } from "conversation-channel-router/features.ts";
import { packBackground, type Weights } from "conversation-channel-router/weights.ts";
import { learnBackground } from "./fit/background.ts";
import { calibrate } from "./fit/calibrate.ts";
import { learn, types } from "./fit/model.ts";
import { packed } from "./fit/packed.ts";
import { judgedByOthers, lessons } from "./held-out.ts";
import { folds, items, sha256 } from "./items.ts";

const calibration = calibrate(judgedByOthers(folds));
const weights: Weights = {
  trained: { on: new Date().toISOString().slice(0, 10), items: items.length, sha256: sha256() },
  types: [...types],
  signals: [...signalNames],
  threshold: calibration.threshold,
  followUpFavour: calibration.followUpFavour,
  ...packed({ ...learn(lessons().map((it) => it.lesson)), sharpness: calibration.sharpness }),
  background: packBackground(learnBackground(lessons())),
};
const text = `${JSON.stringify(weights)}\n`;
writeFileSync(new URL("../../packages/router/weights.json", import.meta.url), text);
const { openers, others } = calibration.sharpness;
process.stdout.write(
  `${items.length} messages, sharpness ${openers} for openers and ${others} for others, ` +
    `favour ${calibration.followUpFavour}, threshold ${calibration.threshold}, ${(text.length / 1024).toFixed(0)} KiB\n`,
);
