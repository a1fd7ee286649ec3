import { doubtfulFollowUp } from "conversation-channel-router";
import { choose } from "conversation-channel-router/model.ts";
import { types } from "./fit/model.ts";
import type { Item } from "./items.ts";

/** A message and the router's decision. */
export interface Answer {
  item: Item;
  group: string;
  type: string;
  confidence: number;
  /** The probability of a follow-up. */
  follows: number;
}

export interface Figures {
  messages: number;
  strict: number;
  lenient: number;
  macroF1: number;
  /** Expected calibration error, over ten confidence bins. */
  ece: number;
  /** The share of multi_step messages that went to another engine. */
  lostFollowUps: number;
  perClass: { type: string; messages: number; precision: number; recall: number; f1: number }[];
  /** Number of messages, as confusion[label][answer]. */
  confusion: number[][];
}

export function answers(
  judged: readonly { item: Item; group: string; shares: Float64Array }[],
  followUpFavour: number,
): Answer[] {
  return judged.map(({ item, group, shares }) => {
    const chosen = choose(shares, followUpFavour);
    return { item, group, type: types[chosen] ?? "", confidence: shares[chosen] ?? 0, follows: shares.at(-1) ?? 0 };
  });
}

export function isRight({ item, type }: Answer): boolean {
  return item.label === type;
}

export function isAcceptable({ item, type }: Answer): boolean {
  return item.label === type || item.alt_labels.includes(type);
}

/** True if the router would skip the model stage. */
export function isSure({ type, confidence, follows }: Answer, threshold: number): boolean {
  return confidence >= threshold && (type === "multi_step" || follows < doubtfulFollowUp);
}

/**
 * Estimates the whole router with a model stage that is right with probability `accuracy` and otherwise picks any other
 * type: the expected shares of acceptable answers (router, model alone, local stage alone) and the share of model calls.
 */
export function withModel(all: readonly Answer[], threshold: number, accuracy: number) {
  const byModel = ({ item }: Answer) => accuracy + ((1 - accuracy) * item.alt_labels.length) / (types.length - 1);
  const mean = (of: (answer: Answer) => number) => sum(all.map(of)) / all.length;
  return {
    lenient: mean((answer) => (isSure(answer, threshold) ? Number(isAcceptable(answer)) : byModel(answer))),
    modelAlone: mean(byModel),
    localAlone: share(all, isAcceptable),
    asks: share(all, (answer) => !isSure(answer, threshold)),
  };
}

export function measure(all: readonly Answer[]): Figures {
  const confusion = types.map((label) =>
    types.map((type) => all.filter((answer) => answer.item.label === label && answer.type === type).length),
  );
  const perClass = types.map((type, k) => {
    const right = confusion[k]?.[k] ?? 0;
    const messages = sum(confusion[k] ?? []);
    const said = sum(confusion.map((row) => row[k] ?? 0));
    const f1 = messages + said === 0 ? 0 : (2 * right) / (messages + said);
    return { type, messages, precision: said ? right / said : 0, recall: messages ? right / messages : 0, f1 };
  });
  const followUps = all.filter(({ item }) => item.label === "multi_step");
  return {
    messages: all.length,
    strict: share(all, isRight),
    lenient: share(all, isAcceptable),
    macroF1: sum(perClass.map(({ f1 }) => f1)) / types.length,
    ece: sum(calibration(all).map((bin) => (Math.abs(bin.confidence - bin.strict) * bin.messages) / all.length)),
    lostFollowUps: share(followUps, (answer) => !isRight(answer)),
    perClass,
    confusion,
  };
}

/** The share of right answers in each of ten confidence bins. */
export function calibration(all: readonly Answer[]) {
  return Array.from({ length: 10 }, (_, bin) => {
    const inside = all.filter(({ confidence }) => Math.min(9, Math.floor(confidence * 10)) === bin);
    return {
      messages: inside.length,
      confidence: inside.length ? sum(inside.map((answer) => answer.confidence)) / inside.length : bin / 10 + 0.05,
      strict: inside.length ? share(inside, isRight) : 0,
    };
  });
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

export function share<T>(all: readonly T[], holds: (one: T) => boolean): number {
  return all.length ? all.filter(holds).length / all.length : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
