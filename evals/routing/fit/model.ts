import { type Features, features } from "conversation-channel-router/features.ts";
import type { Forest, Model, Stage } from "conversation-channel-router/model.ts";
import { slots } from "conversation-channel-router/signals/grams.ts";
import { type ConversationType, conversationTypes } from "../../../graphs/engines.ts";
import { type Item, items } from "../items.ts";
import { type Row, softmaxRegression } from "./softmax.ts";
import { boostedTrees, type Tree } from "./trees.ts";

/**
 * The engines that have labelled messages; the weights do not know any others. The follow-up comes last, since a separate
 * model recognizes it.
 */
export const types: readonly ConversationType[] = [
  ...conversationTypes.filter((type) => type !== "multi_step" && items.some(({ label }) => label === type)),
  "multi_step",
];

/** The target probability of the label if alternatives are acceptable; they share the rest. */
const labelShare = 0.7;
/** The weight of a real message that a person labelled; others have 1. */
const realWeight = 3;
const signalScale = 0.3;
const gramScale = 3;
const penalties = { followUp: 16, kind: 6 };
/** Few, since early stopping regularizes like the penalty does. */
const iterations = 20;
const growth = { rounds: 70, depth: 4, rate: 0.08, shrink: 3, minLeaf: 4, share: 0.3, seed: 7 };

/** A training example: a message's features and the target probability of each type. */
export interface Lesson {
  features: Features;
  target: number[];
  hasHistory: boolean;
  weight: number;
}

export function lesson(item: Item): Lesson {
  const seen = features(item);
  const { count, slot, weight } = seen.grams;
  return {
    features: {
      ...seen,
      signals: seen.signals.slice(),
      grams: { count, slot: slot.slice(0, count), weight: weight.slice(0, count) },
    },
    target: types.map((type) =>
      type === item.label
        ? item.alt_labels.length > 0
          ? labelShare
          : 1
        : item.alt_labels.includes(type)
          ? (1 - labelShare) / item.alt_labels.length
          : 0,
    ),
    hasHistory: item.history.length > 0,
    weight: /^(?:written|model stage)/.test(item.source) ? 1 : realWeight,
  };
}

type Sample = Omit<Lesson, "hasHistory">;

/** Trains both stages of the model. The last entry of the targets is the follow-up's. */
export function learn(lessons: readonly Lesson[]): Model {
  const last = (lessons[0]?.target.length ?? 0) - 1;
  const follows = lessons
    .filter(({ hasHistory }) => hasHistory)
    .map((it) => ({ ...it, target: [it.target[last] ?? 0, 1 - (it.target[last] ?? 0)] }));
  const kinds = lessons
    .filter(({ target }) => (target[last] ?? 0) <= 0.5)
    .map((it) => ({ ...it, target: it.target.slice(0, last).map((share) => share / (1 - (it.target[last] ?? 0))) }));
  return {
    followUp: fitStage(follows, 2, penalties.followUp),
    kind: fitStage(kinds, last, penalties.kind),
    sharpness: { openers: 1, others: 1 },
  };
}

function fitStage(samples: readonly Sample[], classes: number, penalty: number): Stage {
  const width = samples[0]?.features.signals.length ?? 0;
  const { mean, spread } = moments(samples, width);
  const weights = softmaxRegression(
    samples.map((it) => row(it, mean, spread)),
    { size: 1 + width + slots, classes, iterations, penalty: (feature) => (feature === 0 ? 1e-6 : penalty) },
  );
  const bias = new Float32Array(weights.slice(0, classes));
  const signals = new Float32Array(width * classes);
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < classes; k++) {
      const weight = ((weights[(1 + i) * classes + k] ?? 0) * signalScale) / (spread[i] ?? 1);
      signals[i * classes + k] = weight;
      bias[k] = (bias[k] ?? 0) - weight * (mean[i] ?? 0);
    }
  }
  const trees = boostedTrees(
    samples.map(({ features: { signals: x }, target, weight }) => ({ x, target, weight })),
    { ...growth, classes },
  );
  return {
    classes,
    bias,
    signals,
    ...quantised(weights.subarray((1 + width) * classes)),
    forest: planted(trees.flat()),
  };
}

function moments(samples: readonly Sample[], width: number): { mean: Float64Array; spread: Float64Array } {
  const mean = new Float64Array(width);
  const spread = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    let sum = 0;
    let squares = 0;
    for (const {
      features: { signals },
    } of samples) {
      const x = signals[i] ?? 0;
      sum += x;
      squares += x * x;
    }
    mean[i] = sum / samples.length;
    spread[i] = Math.sqrt(Math.max(0, squares / samples.length - (mean[i] ?? 0) ** 2)) + 0.05;
  }
  return { mean, spread };
}

function row({ features: { signals, grams }, target, weight }: Sample, mean: Float64Array, spread: Float64Array): Row {
  const width = signals.length;
  const index = new Int32Array(1 + width + grams.count);
  const value = new Float64Array(index.length);
  value[0] = 1;
  for (let i = 0; i < width; i++) {
    index[1 + i] = 1 + i;
    value[1 + i] = (((signals[i] ?? 0) - (mean[i] ?? 0)) / (spread[i] ?? 1)) * signalScale;
  }
  for (let i = 0; i < grams.count; i++) {
    index[1 + width + i] = 1 + width + (grams.slot[i] ?? 0);
    value[1 + width + i] = (grams.weight[i] ?? 0) * gramScale;
  }
  return { index, value, target, weight };
}

function quantised(weights: Float64Array): Pick<Stage, "grams" | "gramScale"> {
  let most = 1e-9;
  for (const weight of weights) most = Math.max(most, Math.abs(weight));
  return {
    grams: Int8Array.from(weights, (weight) => Math.round((weight / most) * 127)),
    gramScale: (most / 127) * gramScale,
  };
}

function planted(trees: readonly Tree[]): Forest {
  const roots: number[] = [];
  const feature: number[] = [];
  const value: number[] = [];
  const right: number[] = [];
  for (const tree of trees) {
    const root = feature.length;
    roots.push(root);
    for (const [node, signal] of tree.feature.entries()) {
      feature.push(signal);
      value.push((signal < 0 ? tree.value[node] : tree.threshold[node]) ?? 0);
      right.push(root + (tree.right[node] ?? 0));
    }
  }
  return {
    roots: Uint16Array.from(roots),
    feature: Int16Array.from(feature),
    value: Float32Array.from(value),
    right: Uint16Array.from(right),
  };
}
