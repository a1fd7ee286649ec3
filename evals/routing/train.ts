import { writeFileSync } from "node:fs";

import { signalNames } from "conversation-channel-router/features.ts";
import type { Weights } from "conversation-channel-router/weights.ts";
import { learn, types } from "./fit/model.ts";
import { packed } from "./fit/packed.ts";
import { sharpest, thresholdFor } from "./fit/threshold.ts";
import { judgedByOthers, lessons } from "./held-out.ts";
import { groups, items, sha256 } from "./items.ts";

/**
 * Factor for the probability of a follow-up. Above 1, fewer follow-ups are lost, but more other messages are mistaken
 * for one; see the last table of `npm run router:eval`. If the local stage is not sure, the model stage decides anyway.
 */
const followUpFavour = 1.5;

const judged = judgedByOthers(folds());
const sharpness = sharpest(judged);
const { threshold, coverage, strict } = thresholdFor(judged, sharpness, followUpFavour);
const model = { ...learn(lessons().map((it) => it.lesson)), sharpness };
const weights: Weights = {
  trained: { on: new Date().toISOString().slice(0, 10), items: items.length, sha256: sha256() },
  types: [...types],
  signals: [...signalNames],
  threshold,
  followUpFavour,
  ...packed(model),
};
const text = `${JSON.stringify(weights)}\n`;
writeFileSync(new URL("../../packages/router/weights.json", import.meta.url), text);
process.stdout.write(
  `${items.length} messages, sharpness ${sharpness.toFixed(2)}, threshold ${threshold.toFixed(3)} ` +
    `(held out: covers ${(coverage * 100).toFixed(0)} % of the messages, ${(strict * 100).toFixed(1)} % of them right), ` +
    `${(text.length / 1024).toFixed(0)} KiB\n`,
);

/** Folds of whole sources. There are only four, to keep training under a minute. */
function folds() {
  const fold = (...names: string[]) => ({
    name: names.join(", "),
    items: groups.filter(({ name }) => names.includes(name)).flatMap((group) => group.items),
  });
  return [
    fold("arena-hard"),
    fold("RealHumanEval"),
    fold("polychrome.p5", "CodeAssistBench"),
    fold("contact_maintain", "gpt-crawler", "other SpecStory", "edge cases"),
  ];
}
