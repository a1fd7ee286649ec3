import { writeFileSync } from "node:fs";

import { classify, shippedThreshold } from "conversation-channel-router";
import { withoutManipulation } from "conversation-channel-router/signals/manipulation.ts";
import { shippedWeights } from "conversation-channel-router/weights.ts";
import { types } from "./fit/model.ts";
import { judgedByOthers } from "./held-out.ts";
import { groups, heldOut, type Item, items } from "./items.ts";
import {
  answers,
  coverage,
  type Figures,
  isAcceptable,
  isRight,
  isSure,
  measure,
  share,
  withModel,
} from "./measure.ts";
import { page } from "./page.ts";

// `npm run router:eval`: measures the local stage. Every message is judged by a model that was trained without its source;
// only the manipulation test uses the shipped weights.

/** The assumed accuracy of a model stage, to estimate the whole router. */
const assumedAccuracy = 0.85;

const { followUpFavour, sharpness } = shippedWeights();
const judged = judgedByOthers(groups).map((one) => ({ ...one, shares: sharpened(one.shares) }));
const all = answers(judged, followUpFavour);
const figures = measure(all);
const split = measure(answers(judgedByOthers([foldOf(heldOut)]), followUpFavour));

say(`Leave one source out, ${all.length} real messages`);
say(summary(figures));
for (const { name } of groups)
  say(`  ${name.padEnd(18)} ${summary(measure(all.filter(({ group }) => group === name)))}`);
say(`Held-out split (${heldOut.join(", ")}): ${summary(split)}`);
say("\ntype              messages  precision  recall  F1");
for (const { type, messages, precision, recall, f1 } of figures.perClass) {
  say(`${type.padEnd(18)} ${String(messages).padStart(7)} ${cell(precision, 10)} ${cell(recall, 7)} ${cell(f1, 3)}`);
}
say(`\nlabel \\ answer     ${types.map((type) => type.slice(0, 9).padStart(10)).join("")}`);
for (const [k, type] of types.entries()) {
  say(type.padEnd(18) + (figures.confusion[k] ?? []).map((count) => String(count).padStart(10)).join(""));
}
say("\ncoverage  confidence  strict  lenient");
for (const step of coverage(all)) {
  say(`${cell(step.coverage, 8)} ${cell(step.threshold, 11)} ${cell(step.strict, 7)} ${cell(step.lenient, 8)}`);
}
const sure = all.filter((answer) => isSure(answer, shippedThreshold));
say(
  `\nSure (confidence >= ${shippedThreshold}): ${cell(sure.length / all.length)} of the messages, strict ${cell(share(sure, isRight))}, lenient ${cell(share(sure, isAcceptable))}`,
);
say(
  `Follow-ups lost while sure: ${cell(
    share(
      all.filter(({ item }) => item.label === "multi_step"),
      (answer) => isSure(answer, shippedThreshold) && !isRight(answer),
    ),
  )}`,
);
const whole = withModel(all, shippedThreshold, assumedAccuracy);
say(
  `With a model of accuracy ${cell(assumedAccuracy)}: lenient ${cell(whole.lenient)} (model alone ${cell(whole.modelAlone)}, local stage alone ${cell(whole.localAlone)}), model calls for ${cell(whole.asks)} of the messages`,
);
say("\nfollow-up favour   lost   strict  macro-F1  lenient");
for (const favour of [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4]) {
  const at = measure(answers(judged, favour));
  say(
    `${cell(favour, 16)} ${cell(at.lostFollowUps, 6)} ${cell(at.strict, 8)} ${cell(at.macroF1, 9)} ${cell(at.lenient, 8)}`,
  );
}

const trivial = all.filter(({ item }) => /\btriv/.test(item.note));
say(`\nReal small talk, held out: ${count(trivial, isRight)}`);
const pairs = manipulatedPairs();
const changed = pairs.filter(([plain, manipulated]) => classify(plain).type !== classify(manipulated).type);
say(
  `Manipulation: ${changed.length} of ${pairs.length} written pairs change their type. Real adversarial messages, held out: ${count(
    all.filter(({ item }) => /\badv/.test(item.note)),
    isRight,
  )}`,
);
say(
  `Harmless messages that lose text to the manipulation filter: ${count(
    items.filter((item) => !/adv|manip|rule 1/.test(item.note)),
    (item) => withoutManipulation(item.content) !== item.content,
  )}`,
);

const report = new URL("./report.html", import.meta.url);
writeFileSync(report, page(all, figures, shippedThreshold));
say(`\nPlots: ${report.pathname}`);

function summary({ messages, strict, lenient, macroF1, ece, lostFollowUps }: Figures): string {
  return `n ${String(messages).padStart(3)}  strict ${cell(strict)}  macro-F1 ${cell(macroF1)}  lenient ${cell(lenient)}  ECE ${cell(ece)}  lost follow-ups ${cell(lostFollowUps)}`;
}

function foldOf(names: readonly string[]) {
  return {
    name: names.join(", "),
    items: groups.filter(({ name }) => names.includes(name)).flatMap((group) => group.items),
  };
}

/** Pairs of the same written message, without and with instructions to the router. */
function manipulatedPairs(): [Item, Item][] {
  return items.flatMap((item) => {
    const pair = /pair (\d+), plain/.exec(item.note)?.[1];
    const other = pair && items.find(({ note }) => note.startsWith(`pair ${pair}, manipulated`));
    return other ? [[item, other] satisfies [Item, Item]] : [];
  });
}

function sharpened(shares: Float64Array): Float64Array {
  const powers = shares.map((one) => one ** sharpness);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function count<T>(of: readonly T[], holds: (one: T) => boolean): string {
  return `${of.filter(holds).length} of ${of.length}`;
}

function cell(number: number, width = 0): string {
  return number.toFixed(3).padStart(width);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
