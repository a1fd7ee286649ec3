import { type Background, comparison, type Resemblance } from "conversation-channel-router/examples.ts";
import type { Item } from "../items.ts";
import { logistic } from "./logistic.ts";
import { invertedLowerTriangle } from "./matrix.ts";
import { type Lesson, types } from "./model.ts";
import { generator } from "./trees.ts";

type Labelled = { item: Item; lesson: Lesson };

/** Added to the variance of each standardized signal: few messages have the rare ones. */
const ridge = 0.05;
/** Covariances are multiplied by this, since most of the small ones are due to chance. */
const kept = 0.7;

/** Measures all messages, whose labels are in `known`, so that a new engine can be recognized by examples. The follow-up is last. */
export function learnBackground(all: readonly Labelled[], known: readonly string[] = types): Background {
  return { ...moments(all, known), coefficients: learnCoefficients(all, known) };
}

/** How many examples an engine is taught with while the coefficients are learned, and how often. */
const examplesPerDraw = 12;
const draws = 6;
const maxExampleUnits = 250;

/**
 * Learns how far a resemblance can be trusted: each type in turn is treated as a new engine that is known by a few of its messages, and
 * all other messages are judged. `multi_step` is left out, since it is no subject of its own.
 */
function learnCoefficients(all: readonly Labelled[], known: readonly string[]): number[] {
  const random = generator(5);
  const rows: { x: Resemblance; y: boolean }[] = [];
  for (const type of known.slice(0, -1)) {
    const background = moments(
      all.filter(({ item }) => item.label !== type),
      known.filter((other) => other !== type),
    );
    const candidates = all.filter(({ item }) => item.label === type && isExample(item));
    for (let draw = 0; draw < draws; draw++) {
      const examples = new Set<Labelled>();
      while (examples.size < Math.min(examplesPerDraw, candidates.length)) {
        const one = candidates[Math.floor(random() * candidates.length)];
        if (one) examples.add(one);
      }
      const compare = comparison({ ...background, coefficients: [] }, [...examples].map(signalsOf));
      for (const one of all) {
        if (examples.has(one)) continue;
        rows.push({ x: compare(one.lesson.features, one.lesson.hasHistory), y: one.item.label === type });
      }
    }
  }
  return logistic(rows, 1 / known.length);
}

function isExample({ history, content }: Item): boolean {
  return history.length === 0 && content.length <= maxExampleUnits;
}

function signalsOf({ lesson }: Labelled): Float64Array {
  return lesson.features.signals;
}

function moments(all: readonly Labelled[], types: readonly string[]): Omit<Background, "coefficients"> {
  const width = all[0]?.lesson.features.signals.length ?? 0;
  const mean = new Float64Array(width);
  const spread = new Float64Array(width);
  for (const one of all) add(mean, signalsOf(one), 1 / all.length);
  for (const one of all)
    for (let i = 0; i < width; i++) spread[i] = at(spread, i) + (at(signalsOf(one), i) - at(mean, i)) ** 2;
  for (let i = 0; i < width; i++) spread[i] = Math.sqrt(at(spread, i) / all.length) + 0.1;
  const standardized = (one: Labelled) => signalsOf(one).map((x, i) => (x - at(mean, i)) / at(spread, i));

  const covariance = new Float64Array(width * width);
  const centres = types.map((type) => {
    const points = all.filter(({ item }) => item.label === type).map(standardized);
    const centre = new Float64Array(width);
    for (const point of points) add(centre, point, 1 / points.length);
    for (const point of points)
      addProduct(
        covariance,
        point.map((x, i) => x - at(centre, i)),
        1 / all.length,
      );
    return centre;
  });
  for (let row = 0; row < width; row++) {
    for (let column = 0; column < row; column++)
      covariance[row * width + column] = at(covariance, row * width + column) * kept;
    covariance[row * width + row] = at(covariance, row * width + row) + ridge;
  }
  return {
    mean: Float32Array.from(mean),
    spread: Float32Array.from(spread),
    inverse: invertedLowerTriangle(covariance, width),
    centres: Float32Array.from(centres.flatMap((centre) => [...centre])),
    within: width,
  };
}

function add(sum: Float64Array, x: Float64Array, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = at(sum, i) + weight * at(x, i);
}

/** Adds the lower triangle of x · xᵀ to a square matrix. */
function addProduct(matrix: Float64Array, x: Float64Array, weight: number): void {
  for (let row = 0; row < x.length; row++) {
    const value = weight * at(x, row);
    if (value === 0) continue;
    for (let column = 0; column <= row; column++)
      matrix[row * x.length + column] = at(matrix, row * x.length + column) + value * at(x, column);
  }
}

function at(array: Float64Array, index: number): number {
  return array[index] ?? 0;
}
