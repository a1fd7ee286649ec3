import type { Features } from "./features.ts";

/**
 * What training stores about all messages, so that an engine can be recognized by a few examples. The examples' centre is compared
 * with the centres of the known types, as in linear discriminant analysis: all types share one covariance.
 */
export interface Background {
  /** Of each signal, over all training messages. */
  mean: Float32Array;
  spread: Float32Array;
  /** The inverse of the covariance within a type, of standardized signals; the lower triangle, row by row. */
  inverse: Float32Array;
  /** The standardized centre of each type [type × signal]. */
  centres: Float32Array;
  /** The mean squared distance of a message from its type's centre. */
  within: number;
  /** Of the logistic regression that turns `resemblance` into a probability. */
  coefficients: readonly number[];
}

/** The inputs of the logistic regression: 1, the score of the examples, the best score of a known type, and whether there is a history. */
export type Resemblance = [one: number, own: number, best: number, hasHistory: number];

/** Scores are divided by this, so that they are of the order of 1. */
const scale = 10;

/** A score that is linear in the signals: `x · weights + offset`. */
interface Discriminant {
  weights: Float64Array;
  offset: number;
}

/** Compares messages with the examples of one engine. */
export type Comparison = (features: Features, hasHistory: boolean) => Resemblance;

/** Prepares the comparison with examples, given by their signals. `signals` are those of one example each; there is at least one. */
export function comparison(background: Background, signals: readonly Float64Array[]): Comparison {
  const types = background.centres.length / background.mean.length;
  const known = Array.from({ length: types }, (_, type) => discriminant(background, centreOf(background, type)));
  const own = discriminant(background, centreOfExamples(background, signals));
  return ({ signals: x }, hasHistory) => [
    1,
    score(own, x) / scale,
    Math.max(...known.map((one) => score(one, x))) / scale,
    hasHistory ? 1 : 0,
  ];
}

/** The probability that a message is for the engine of the examples. */
export function probabilityOf(resemblance: Resemblance, coefficients: readonly number[]): number {
  let logit = 0;
  for (const [at, value] of resemblance.entries()) logit += value * (coefficients[at] ?? 0);
  return 1 / (1 + Math.exp(-logit));
}

/** How much two messages have in common in their words, from 0 to 1. */
export function similarity(a: Features["grams"], b: ReadonlyMap<number, number>): number {
  let product = 0;
  for (let i = 0; i < a.count; i++) product += (a.weight[i] ?? 0) * (b.get(a.slot[i] ?? 0) ?? 0);
  return product / 2; // words and letters, each of length 1
}

function centreOf({ centres, mean }: Background, type: number): Float64Array {
  return Float64Array.from(centres.subarray(type * mean.length, (type + 1) * mean.length));
}

/** The examples' mean, pulled towards the mean of all messages as far as it is due to chance (James and Stein). */
function centreOfExamples(background: Background, signals: readonly Float64Array[]): Float64Array {
  const points = signals.map((x) => standardized(background, x));
  const mean = new Float64Array(background.mean.length);
  for (const point of points)
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (point[i] ?? 0) / points.length;
  const noise = spreadOf(background, points, mean) / points.length;
  const length = dot(mean, times(background.inverse, mean));
  const kept = Math.max(minKept, 1 - noise / (length + 1e-9));
  return mean.map((one) => one * kept);
}

/** At least this share of the distance between the examples and all messages is kept. */
const minKept = 0.2;

/** The mean squared distance of the points from their mean. Of few points, the usual one. */
function spreadOf(background: Background, points: readonly Float64Array[], mean: Float64Array): number {
  if (points.length < 4) return background.within;
  const squares = points.map((point) => {
    const away = point.map((one, i) => one - (mean[i] ?? 0));
    return dot(away, times(background.inverse, away));
  });
  return squares.reduce((sum, one) => sum + one, 0) / (points.length - 1);
}

function standardized({ mean, spread }: Background, x: Float64Array): Float64Array {
  return x.map((one, i) => (one - (mean[i] ?? 0)) / (spread[i] ?? 1));
}

/** The discriminant of a type with this standardized centre, for raw signals. */
function discriminant({ inverse, mean, spread }: Background, centre: Float64Array): Discriminant {
  const direction = times(inverse, centre);
  const weights = direction.map((one, i) => one / (spread[i] ?? 1));
  return { weights, offset: -dot(weights, mean) - dot(direction, centre) / 2 };
}

function score({ weights, offset }: Discriminant, x: Float64Array): number {
  return dot(weights, x) + offset;
}

/** A symmetric matrix, given by its lower triangle, times a vector. */
export function times(triangle: Float32Array, x: Float64Array): Float64Array {
  const product = new Float64Array(x.length);
  for (let row = 0, at = 0; row < x.length; row++) {
    for (let column = 0; column <= row; column++, at++) {
      const value = triangle[at] ?? 0;
      product[row] = (product[row] ?? 0) + value * (x[column] ?? 0);
      if (column < row) product[column] = (product[column] ?? 0) + value * (x[row] ?? 0);
    }
  }
  return product;
}

function dot(a: Float64Array, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
