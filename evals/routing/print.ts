import { decide } from "conversation-channel-router";
import { withoutManipulation } from "conversation-channel-router/signals/manipulation.ts";
import { assumedAccuracy, withAssumedModel } from "./assumed.ts";
import { answerOf, type Calibrated } from "./calibrated.ts";
import { types } from "./fit/model.ts";
import type { Interval } from "./intervals.ts";
import { type Item, items, kinds } from "./items.ts";
import { type Answer, confusion, coverage, type Figures, isRight, measure, perType, share } from "./measure.ts";

/** In UTF-16 units. */
const maxShort = 120;

/** The sets of messages whose figures are told apart. */
export function sets(answers: readonly Answer[]): [name: string, answers: Answer[]][] {
  const real = answers.filter(({ group }) => group.kind === "real");
  const isShort = ({ item }: Answer) => item.content.length <= maxShort;
  return [
    ["real", real],
    ["real, short", real.filter(isShort)],
    ["real, long", real.filter((answer) => !isShort(answer))],
    ...kinds.slice(1).map((kind): [string, Answer[]] => [kind, answers.filter(({ group }) => group.kind === kind)]),
  ];
}

const rows: [name: string, of: keyof Omit<Figures, "messages">][] = [
  ["strict", "strict"],
  ["lenient", "lenient"],
  ["macro-F1", "macroF1"],
  ["ECE", "ece"],
  ["follow-ups lost", "lost"],
  ["  while sure", "lostWhileSure"],
  ["stand-alone kept", "kept"],
  ["  and right", "keptAndRight"],
  ["sure", "sure"],
  ["  strict", "strictIfSure"],
  ["  lenient", "lenientIfSure"],
];

/** All figures with their intervals, three sets side by side. */
export function figures(answers: readonly Answer[]): void {
  const measured = sets(answers).map(([name, own]) => ({ name: `${name} (${own.length})`, figures: measure(own) }));
  say(`The local stage, with 95 % intervals. Short: at most ${maxShort} characters.`);
  for (let at = 0; at < measured.length; at += 3) {
    const three = measured.slice(at, at + 3);
    say(`\n${"".padEnd(18)}${three.map(({ name }) => name.padEnd(22)).join("")}`.trimEnd());
    for (const [name, of] of rows) {
      const cells = three.map(({ figures }) => interval(figures[of]).padEnd(22));
      if (cells.some((cell) => cell.trim() !== "–")) say(`${name.padEnd(18)}${cells.join("")}`.trimEnd());
    }
  }
}

/** The calibrations that were chosen without the messages that they serve. */
export function calibrations(calibrated: readonly Calibrated[]): void {
  const all = new Set(calibrated.map(({ calibration }) => calibration));
  say("\nCalibration per fold, chosen by the other folds: sharpness of openers and others, favour, threshold");
  for (const { sharpness, followUpFavour, threshold } of all)
    say(`  ${number(sharpness.openers)} ${number(sharpness.others)} ${number(followUpFavour)} ${number(threshold)}`);
}

/** Precision and recall per type, the confusion matrix and the coverage curve of real messages. */
export function details(real: readonly Answer[]): void {
  say("\nReal messages by type");
  say(`${"".padEnd(18)}messages  precision             recall                F1`);
  for (const { type, messages, precision, recall, f1 } of perType(real))
    say(
      `${type.padEnd(18)}${String(messages).padEnd(10)}${interval(precision).padEnd(22)}${interval(recall).padEnd(22)}${number(f1)}`,
    );
  say(`\n${"label \\ answer".padEnd(18)}${types.map((type) => type.slice(0, 9).padStart(10)).join("")}`);
  for (const [k, row] of confusion(real).entries())
    say((types[k] ?? "").padEnd(18) + row.map((count) => String(count).padStart(10)).join(""));
  say("\ncoverage  confidence  strict                lenient");
  for (const { coverage: covered, threshold, strict, lenient } of coverage(real))
    say(`${number(covered)}     ${number(threshold)}       ${interval(strict).padEnd(22)}${interval(lenient)}`);
}

/** What favouring the follow-up costs and brings, on real messages. */
export function favours(real: readonly Calibrated[]): void {
  say("\nfavour  lost                  stand-alone kept      strict                lenient");
  for (const favour of [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4]) {
    const { lost, kept, strict, lenient } = measure(real.map((one) => answerOf(one, favour)));
    say(
      `${number(favour)}   ${[lost, kept, strict, lenient].map((one) => interval(one).padEnd(22)).join("")}`.trimEnd(),
    );
  }
}

/** The whole router with an assumed model. */
export function wholeRouter(answers: readonly Answer[]): void {
  say(`\nThe whole router, with an assumed model that is right in ${assumedAccuracy * 100} %: lenient`);
  say(`${"".padEnd(18)}router  model alone  local alone  model calls`);
  for (const [name, own] of sets(answers)) {
    const { lenient, modelAlone, localAlone, asks } = withAssumedModel(own);
    say(`${name.padEnd(18)}${[lenient, modelAlone, localAlone, asks].map(number).join("   ")}`);
  }
  for (const [name, own] of sets(answers).filter(([set]) => set === "real" || set === "openers")) {
    say(`\n${`${name}, by type`.padEnd(18)}messages  router  model alone`);
    for (const { type, messages, router, model } of withAssumedModel(own).perType)
      say(`${type.padEnd(18)}${String(messages).padEnd(10)}${number(router)}   ${number(model)}`);
  }
}

/** What instructions to the router change. Only the written pairs are judged with the shipped weights. */
export function manipulation(answers: readonly Answer[]): void {
  const pairs = items.flatMap((plain) => {
    const pair = /pair (\d+), plain/.exec(plain.note)?.[1];
    const other = pair && items.find(({ note }) => note.startsWith(`pair ${pair}, manipulated`));
    return other ? [{ plain, other }] : [];
  });
  const typeOf = ({ content, history, context }: Item) => decide(content, history, context).type;
  const changed = pairs.filter(({ plain, other }) => typeOf(plain) !== typeOf(other));
  const harmless = items.filter(({ note }) => !/adv|manip|rule 1/.test(note));
  const cut = harmless.filter(({ content }) => withoutManipulation(content) !== content);
  const adversarial = answers.filter(({ item }) => /\badv/.test(item.note));
  const trivial = answers.filter(({ item }) => /\btriv/.test(item.note));
  say(`\nManipulation: ${changed.length} of ${pairs.length} written pairs change their type (shipped weights)`);
  say(
    `  adversarial messages, held out: strict ${interval(share(adversarial, isRight))}, ${adversarial.length} messages`,
  );
  say(`  small talk, held out: strict ${interval(share(trivial, isRight))}, ${trivial.length} messages`);
  say(`  harmless messages that lose text to the filter: ${cut.length} of ${harmless.length}`);
}

/** How well an engine is recognized that is known by examples only. */
export function byExample(answers: readonly Answer[], type: string): void {
  say(`\nRouting by example: ${type} held out of training, and added by 12 examples`);
  say(`${"".padEnd(18)}recall                precision             sure of it   right where sure`);
  for (const [name, own] of sets(answers).filter(([set]) => ["real", "openers", "mid-session"].includes(set))) {
    const found = perType(own).find((one) => one.type === type);
    const sure = own.filter((answer) => answer.sure && answer.type === type);
    if (!found) continue;
    const cells = [found.recall, found.precision].map((one) => interval(one).padEnd(22)).join("");
    say(`${name.padEnd(18)}${cells}${String(sure.length).padEnd(13)}${interval(share(sure, isRight))}`);
  }
}

export function interval({ value, low, high }: Interval): string {
  return low === 0 && high === 1 ? "–" : `${number(value)} ${number(low)}–${number(high)}`;
}

function number(one: number): string {
  return one.toFixed(3);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
