import { types } from "./fit/model.ts";
import { bootstrap, type Interval, mean, wilson } from "./intervals.ts";
import type { Group, Item } from "./items.ts";

/** A message and the router's decision. */
export interface Answer {
  item: Item;
  group: Group;
  type: string;
  confidence: number;
  /** True if the router would skip the model stage. */
  sure: boolean;
}

/** What is told of any set of messages. */
export interface Figures {
  messages: number;
  strict: Interval;
  lenient: Interval;
  macroF1: Interval;
  /** Expected calibration error, over ten confidence bins. Resampling adds noise to the bins, so its interval lies a little high. */
  ece: Interval;
  /** The share of multi_step messages that went to another engine. */
  lost: Interval;
  /** The same, if only the local stage's sure decisions count. */
  lostWhileSure: Interval;
  /** The share of other messages with a history that did not go to multi_step. */
  kept: Interval;
  /** The share of those messages that went to the right engine. */
  keptAndRight: Interval;
  sure: Interval;
  strictIfSure: Interval;
  lenientIfSure: Interval;
}

/** Intervals treat messages as independent. Those of one source are not quite, so the true ones are somewhat wider. */
export function measure(all: readonly Answer[]): Figures {
  const followUps = all.filter(({ item }) => item.label === "multi_step");
  const standAlone = all.filter(({ item }) => item.label !== "multi_step" && item.history.length > 0);
  const sure = all.filter((answer) => answer.sure);
  return {
    messages: all.length,
    strict: share(all, isRight),
    lenient: share(all, isAcceptable),
    macroF1: bootstrap(all, macroF1),
    ece: bootstrap(all, calibrationError),
    lost: share(followUps, (answer) => !isRight(answer)),
    lostWhileSure: share(followUps, (answer) => answer.sure && !isRight(answer)),
    kept: share(standAlone, ({ type }) => type !== "multi_step"),
    keptAndRight: share(standAlone, isRight),
    sure: share(all, (answer) => answer.sure),
    strictIfSure: share(sure, isRight),
    lenientIfSure: share(sure, isAcceptable),
  };
}

export function isRight({ item, type }: Answer): boolean {
  return item.label === type;
}

export function isAcceptable({ item, type }: Answer): boolean {
  return item.label === type || item.alt_labels.includes(type);
}

export function share<T>(all: readonly T[], holds: (one: T) => boolean): Interval {
  return wilson(all.filter(holds).length, all.length);
}

/** The mean F1 of the types that occur, as a label or as an answer. */
export function macroF1(all: readonly Answer[]): number {
  const found = perType(all).filter(({ messages, said }) => messages + said > 0);
  return mean(found.map(({ f1 }) => f1));
}

/** Precision, recall and F1 of each type. */
export function perType(all: readonly Answer[]) {
  const counts = new Map(types.map((type) => [type as string, { messages: 0, said: 0, right: 0 }]));
  for (const answer of all) {
    const label = counts.get(answer.item.label);
    const said = counts.get(answer.type);
    if (label) label.messages++;
    if (said) said.said++;
    if (label && isRight(answer)) label.right++;
  }
  return [...counts].map(([type, { messages, said, right }]) => ({
    type,
    messages,
    said,
    precision: wilson(right, said),
    recall: wilson(right, messages),
    f1: messages + said === 0 ? 0 : (2 * right) / (messages + said),
  }));
}

/** Number of messages, as confusion[label][answer]. */
export function confusion(all: readonly Answer[]): number[][] {
  return types.map((label) =>
    types.map((type) => all.filter((answer) => answer.item.label === label && answer.type === type).length),
  );
}

const bins = 10;

/** The share of right answers in each confidence bin. */
export function calibration(all: readonly Answer[]) {
  const found = Array.from({ length: bins }, () => ({ messages: 0, confidence: 0, right: 0 }));
  for (const answer of all) {
    const bin = found[Math.min(bins - 1, Math.floor(answer.confidence * bins))];
    if (!bin) continue;
    bin.messages++;
    bin.confidence += answer.confidence;
    if (isRight(answer)) bin.right++;
  }
  return found
    .filter(({ messages }) => messages > 0)
    .map(({ messages, confidence, right }) => ({
      messages,
      confidence: confidence / messages,
      strict: right / messages,
    }));
}

export function calibrationError(all: readonly Answer[]): number {
  const off = calibration(all).map((bin) => Math.abs(bin.confidence - bin.strict) * bin.messages);
  return off.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);
}

/** Accuracy of the most confident answers, at increasing shares of all messages. */
export function coverage(all: readonly Answer[]) {
  const sorted = all.toSorted((a, b) => b.confidence - a.confidence);
  return Array.from({ length: 19 }, (_, step) => {
    const taken = sorted.slice(0, Math.max(1, Math.round((sorted.length * (step + 2)) / 20)));
    return {
      coverage: taken.length / sorted.length,
      threshold: taken.at(-1)?.confidence ?? 0,
      strict: share(taken, isRight),
      lenient: share(taken, isAcceptable),
    };
  });
}
