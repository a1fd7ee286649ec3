import type { Features } from "./features.ts";

/** Boosted trees in one table. Nodes are in pre-order: the left child of node i is node i + 1. */
export interface Forest {
  /** The root node of each tree. Tree t adds to the score of class t modulo the number of classes. */
  roots: Uint16Array;
  /** The signal that a node tests; -1 for a leaf. */
  feature: Int16Array;
  /** In a node, the threshold: go left if the signal is at most this. In a leaf, the value added to the score. */
  value: Float32Array;
  right: Uint16Array;
}

/** A classifier for `classes` classes: the weighted average of a softmax regression and boosted trees. */
export interface Stage {
  classes: number;
  bias: Float32Array;
  /** Weights [signal × class] for raw signals. The normalization of training is folded in. */
  signals: Float32Array;
  /** Quantized weights [slot × class]; multiply by `gramScale`. */
  grams: Int8Array;
  gramScale: number;
  forest: Forest;
}

/**
 * Two classifiers: is the message a follow-up (only used if there is a history), and if not, of which type is it?
 * Recognizing follow-ups is the hardest part, and two separate models do it better than one.
 */
export interface Model {
  followUp: Stage;
  kind: Stage;
  sharpness: Sharpness;
}

/** Calibration: probabilities are raised to this power. Below 1 if the trained model is overconfident. */
export interface Sharpness {
  openers: number;
  others: number;
}

/** The probability of each type; the follow-up comes last. */
export function probabilities(model: Model, features: Features, hasHistory: boolean): Float64Array {
  const kinds = decide(model.kind, features);
  const result = new Float64Array(kinds.length + 1);
  const follows = hasHistory ? (decide(model.followUp, features)[0] ?? 0) : 0;
  for (let k = 0; k < kinds.length; k++) result[k] = (kinds[k] ?? 0) * (1 - follows);
  result[kinds.length] = follows;
  return sharpen(result, features.isOpener ? model.sharpness.openers : model.sharpness.others);
}

/** Picks the most probable type, after the probabilities are multiplied by the types' favours. */
export function choose(shares: Float64Array, favours: readonly number[]): number {
  let best = 0;
  for (let k = 1; k < shares.length; k++)
    if ((shares[k] ?? 0) * (favours[k] ?? 1) > (shares[best] ?? 0) * (favours[best] ?? 1)) best = k;
  return best;
}

/** Favours the follow-up, the last of the known types, since other engines would answer a follow-up without its context. */
export function favours(knownTypes: number, followUpFavour: number): number[] {
  return Array.from({ length: knownTypes }, (_, k) => (k === knownTypes - 1 ? followUpFavour : 1));
}

/** The probability of `simple` for a message that only instructs the router. */
const instructionOnly = 0.95;

/** The probabilities for a message that only instructs the router. */
export function onlySimple(types: readonly string[]): Float64Array {
  return Float64Array.from(types, (type) =>
    type === "simple" ? instructionOnly : (1 - instructionOnly) / (types.length - 1),
  );
}

/** The weight of the regression in a stage; the trees get the rest. */
const linearShare = 1 / 2;

function decide(stage: Stage, features: Features): Float64Array {
  const linear = softmax(linearScores(stage, features));
  const trees = softmax(treeScores(stage, features));
  for (let k = 0; k < linear.length; k++)
    linear[k] = linearShare * (linear[k] ?? 0) + (1 - linearShare) * (trees[k] ?? 0);
  return linear;
}

function linearScores({ classes, bias, signals, grams, gramScale }: Stage, features: Features): Float64Array {
  const scores = Float64Array.from(bias);
  for (let i = 0; i < features.signals.length; i++) {
    const x = features.signals[i] ?? 0;
    if (x !== 0) for (let k = 0; k < classes; k++) scores[k] = (scores[k] ?? 0) + x * (signals[i * classes + k] ?? 0);
  }
  const { count, slot, weight } = features.grams;
  for (let i = 0; i < count; i++) {
    const x = (weight[i] ?? 0) * gramScale;
    const at = (slot[i] ?? 0) * classes;
    for (let k = 0; k < classes; k++) scores[k] = (scores[k] ?? 0) + x * (grams[at + k] ?? 0);
  }
  return scores;
}

function treeScores({ classes, forest: { roots, feature, value, right } }: Stage, { signals }: Features): Float64Array {
  const scores = new Float64Array(classes);
  for (let tree = 0; tree < roots.length; tree++) {
    let node = roots[tree] ?? 0;
    for (let signal = feature[node] ?? -1; signal >= 0; signal = feature[node] ?? -1) {
      node = (signals[signal] ?? 0) <= (value[node] ?? 0) ? node + 1 : (right[node] ?? 0);
    }
    const k = tree % classes;
    scores[k] = (scores[k] ?? 0) + (value[node] ?? 0);
  }
  return scores;
}

/** Turns scores into probabilities, in place. */
export function softmax(scores: Float64Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) most = Math.max(most, score);
  for (let k = 0; k < scores.length; k++) scores[k] = Math.exp((scores[k] ?? 0) - most);
  return normalize(scores);
}

export function sharpen(shares: Float64Array, sharpness: number): Float64Array {
  for (let k = 0; k < shares.length; k++) shares[k] = (shares[k] ?? 0) ** sharpness;
  return normalize(shares);
}

/** Makes the shares sum to 1, in place. */
export function normalize(shares: Float64Array): Float64Array {
  let sum = 0;
  for (const share of shares) sum += share;
  for (let k = 0; k < shares.length; k++) shares[k] = (shares[k] ?? 0) / sum;
  return shares;
}
