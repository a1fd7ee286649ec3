import { describe, expect, it } from "vitest";

import {
  bootstrap,
  type Interval,
  pairedDifference,
  quantile,
  stratifiedDifference,
  wilson,
} from "../../evals/routing/intervals.ts";

function rounded({ value, low, high }: Interval): number[] {
  return [value, low, high].map((one) => Number(one.toFixed(4)));
}

describe("the Wilson interval", () => {
  // By hand, with z² = 3.8415: of 8 in 10, the centre is (0.8 + 3.8415 / 20) / 1.38415 = 0.71675, and half the width is
  // 1.95996 / 1.38415 · √(0.8 · 0.2 / 10 + 3.8415 / 400) = 1.41601 · √0.0256037 = 0.22658.
  it("of 8 in 10 is 0.4902 to 0.9433", () => {
    expect(rounded(wilson(8, 10))).toEqual([0.8, 0.4902, 0.9433]);
  });

  // Newcombe (Statistics in Medicine 17, 1998, table I) gives 0.2553 to 0.3662 for 81 in 263, and 0 to 0.1611 for 0 in 20.
  it("agrees with published examples", () => {
    expect(rounded(wilson(81, 263)).slice(1)).toEqual([0.2553, 0.3662]);
    expect(rounded(wilson(0, 20))).toEqual([0, 0, 0.1611]);
  });

  it("of nothing says nothing", () => {
    expect(wilson(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
  });
});

describe("the bootstrap interval", () => {
  // 60 messages got better, 40 worse, 300 stayed the same. Mean 20 / 400 = 0.05; variance (60 + 40) / 400 − 0.05² = 0.2475; standard
  // error √(0.2475 / 400) = 0.024875; so about 0.05 ± 1.96 · 0.024875 = 0.0012 to 0.0988.
  const differences = [...Array(60).fill(1), ...Array(40).fill(-1), ...Array(300).fill(0)];

  it("of a paired difference is close to the normal one", () => {
    const { value, low, high } = pairedDifference(differences);
    expect(value).toBeCloseTo(0.05, 10);
    expect(Math.abs(low - 0.0012)).toBeLessThan(0.006);
    expect(Math.abs(high - 0.0988)).toBeLessThan(0.006);
  });

  it("is the same each time", () => {
    expect(pairedDifference(differences)).toEqual(pairedDifference(differences));
    expect(bootstrap([1, 2, 3], (drawn) => drawn.length)).toEqual({ value: 3, low: 3, high: 3 });
  });

  // Two sets with means 0.5 and 0; each has variance 0.25 and 100 values, so the mean of both means has the standard error
  // √(0.25 / 100 + 0.25 / 100) / 2 = 0.03536, and the interval is about 0.25 ± 0.0693.
  it("counts sets of different sizes the same", () => {
    const sets = [
      [...Array(50).fill(1), ...Array(50).fill(0)],
      [...Array(50).fill(0.5), ...Array(50).fill(-0.5)],
    ];
    const { value, low, high } = stratifiedDifference(sets);
    expect(value).toBeCloseTo(0.25, 10);
    expect(Math.abs(low - 0.1807)).toBeLessThan(0.012);
    expect(Math.abs(high - 0.3193)).toBeLessThan(0.012);
  });
});

it("quantiles lie between the numbers", () => {
  expect([0, 0.25, 0.5, 1].map((share) => quantile([1, 2, 3, 7], share))).toEqual([1, 1.75, 2.5, 7]);
});
