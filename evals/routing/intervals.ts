import { generator } from "./fit/trees.ts";

/** A measured figure with the interval that holds it with 95 % confidence. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** The 97.5 % quantile of the normal distribution. */
const z = 1.959964;

/**
 * The Wilson score interval of a share. Unlike the normal approximation, it is right for few messages and for shares near 0 or 1.
 * E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209–212;
 * recommended by Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001), 101–133.
 */
export function wilson(hits: number, messages: number): Interval {
  if (messages === 0) return { value: 0, low: 0, high: 1 };
  const value = hits / messages;
  const scale = 1 + z ** 2 / messages;
  const centre = (value + z ** 2 / (2 * messages)) / scale;
  const half = (z / scale) * Math.sqrt((value * (1 - value)) / messages + z ** 2 / (4 * messages ** 2));
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

const resamples = 1000;
const seed = 11;

/**
 * The percentile bootstrap interval of any figure: it is measured again on messages that are drawn with replacement.
 * B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13. The seed is fixed, so the interval is too.
 */
export function bootstrap<T>(all: readonly T[], measure: (drawn: readonly T[]) => number): Interval {
  const random = generator(seed);
  const drawn = [...all];
  const figures = Float64Array.from({ length: resamples }, () => {
    for (let i = 0; i < drawn.length; i++) drawn[i] = all[Math.floor(random() * all.length)] as T; // within its bounds
    return measure(drawn);
  }).sort();
  return { value: measure(all), low: quantile(figures, 0.025), high: quantile(figures, 0.975) };
}

/**
 * The paired bootstrap interval of a mean difference: each value is the difference of one message. Since both routers judge the same
 * messages, what is hard for both cancels out. Efron and Tibshirani (1993), chapters 8 and 16.
 */
export function pairedDifference(differences: readonly number[]): Interval {
  return bootstrap(differences, mean);
}

/** Like `pairedDifference`, but the mean of several sets' mean differences, drawn set by set (the stratified bootstrap). */
export function stratifiedDifference(sets: readonly (readonly number[])[]): Interval {
  const random = generator(seed);
  const drawnMean = (all: readonly number[]) => mean(all.map(() => all[Math.floor(random() * all.length)] ?? 0));
  const figures = Float64Array.from({ length: resamples }, () => mean(sets.map(drawnMean))).sort();
  return { value: mean(sets.map(mean)), low: quantile(figures, 0.025), high: quantile(figures, 0.975) };
}

/** The value below which this share of the sorted numbers lies, with linear interpolation. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? 0;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}

export function mean(numbers: readonly number[]): number {
  return numbers.length ? numbers.reduce((sum, one) => sum + one, 0) / numbers.length : 0;
}
