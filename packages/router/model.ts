import type { Features } from "./features.ts";

/** Boosted trees in one table: nodes in pre-order, so that a node's left child is the next one. */
export interface Forest {
  /** The first node of each tree; tree t adds to class t modulo the number of classes. */
  roots: Uint16Array;
  /** -1 for a leaf. */
  feature: Int16Array;
  /** Go left when the signal is at most this; in a leaf, what it adds. */
  value: Float32Array;
  right: Uint16Array;
}

/** One decision between `classes` answers: a softmax regression and boosted trees, whose probabilities are mixed. */
export interface Stage {
  classes: number;
  bias: Float32Array;
  /** [signal × class], for signals as they are: the mean and the spread of training are in it. */
  signals: Float32Array;
  /** [slot × class], to be multiplied by `gramScale`. */
  grams: Int8Array;
  gramScale: number;
  forest: Forest;
}

/**
 * Two decisions: does the message lean on the turns before it (asked only when there are any), and if it does not, what
 * is it? Telling the two apart is the hardest part, and training each on its own messages does it better.
 */
export interface Model {
  followUp: Stage;
  kind: Stage;
  /** Probabilities are raised to this power: below 1 when training was too sure of itself. */
  sharpness: number;
}

/** The probabilities of the kinds, then of a follow-up. */
export function probabilities(model: Model, features: Features, hasHistory: boolean): Float64Array {
  const kinds = decide(model.kind, features);
  const result = new Float64Array(kinds.length + 1);
  const follows = hasHistory ? (decide(model.followUp, features)[0] ?? 0) : 0;
  for (let k = 0; k < kinds.length; k++) result[k] = (kinds[k] ?? 0) * (1 - follows);
  result[kinds.length] = follows;
  return sharpen(result, model.sharpness);
}

/** The most probable type, but rather a follow-up too many than one lost: the other engines would answer the wrong question. */
export function choose(shares: Float64Array, followUpFavour: number): number {
  const last = shares.length - 1;
  let best = 0;
  for (let k = 1; k < last; k++) if ((shares[k] ?? 0) > (shares[best] ?? 0)) best = k;
  return (shares[last] ?? 0) * followUpFavour >= (shares[best] ?? 0) ? last : best;
}

/** When nothing is left of a message but what it told the router, there is hardly a doubt what to do. */
const nothingLeft = 0.95;

/** The probabilities of a message that only tries to tell the router what to do. */
export function onlySimple(types: readonly string[]): Float64Array {
  return Float64Array.from(types, (type) => (type === "simple" ? nothingLeft : (1 - nothingLeft) / (types.length - 1)));
}

/** What the regression says in a stage; the rest is the trees'. */
const linearShare = 2 / 3;

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

/** Scores to probabilities, in place. */
export function softmax(scores: Float64Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const score of scores) most = Math.max(most, score);
  for (let k = 0; k < scores.length; k++) scores[k] = Math.exp((scores[k] ?? 0) - most);
  return normalise(scores);
}

function sharpen(shares: Float64Array, sharpness: number): Float64Array {
  for (let k = 0; k < shares.length; k++) shares[k] = (shares[k] ?? 0) ** sharpness;
  return normalise(shares);
}

function normalise(shares: Float64Array): Float64Array {
  let sum = 0;
  for (const share of shares) sum += share;
  for (let k = 0; k < shares.length; k++) shares[k] = (shares[k] ?? 0) / sum;
  return shares;
}
