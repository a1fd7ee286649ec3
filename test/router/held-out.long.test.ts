import { describe, expect, it } from "vitest";

import { newType, routedByExample } from "../../evals/routing/by-example.ts";
import { answerOf, calibratedByOthers } from "../../evals/routing/calibrated.ts";
import { judgedByOthers } from "../../evals/routing/held-out.ts";
import { folds } from "../../evals/routing/items.ts";
import { isRight, measure, perType, share } from "../../evals/routing/measure.ts";

const answers = calibratedByOthers(judgedByOthers(folds)).map((one) => answerOf(one));

/** The figures of docs/routing.md. A test may be two points below, or above for errors. */
const documented = {
  real: { strict: 0.67, lenient: 0.785, macroF1: 0.639, ece: 0.045, lost: 0.163, lostWhileSure: 0, kept: 0.578 },
  openers: { strict: 0.777, lenient: 0.8, macroF1: 0.78, ece: 0.079, strictIfSure: 0.973, sure: 0.259 },
  "mid-session": { strict: 0.804, lenient: 0.817, macroF1: 0.75, lost: 0.047, lostWhileSure: 0, kept: 0.758 },
} as const;

const errors = ["ece", "lost", "lostWhileSure"];

describe.each(Object.entries(documented))("%s messages, all folds", (kind, figures) => {
  const measured = measure(answers.filter(({ group }) => group.kind === kind));

  it.each(Object.entries(figures) as [keyof typeof figures, number][])("%s is as documented", (name, value) => {
    const found = measured[name].value;
    if (errors.includes(name)) expect(found).toBeLessThan(value + 0.02);
    else expect(found).toBeGreaterThan(value - 0.02);
  });
});

describe(`${newType}, held out of training and added by 12 examples`, () => {
  const routed = routedByExample(folds, () => {});

  it.each([
    ["real", 0.5 - 0.02],
    ["openers", 0.815 - 0.02],
  ])("is found among %s messages, and is right where sure", (kind, recall) => {
    const own = routed.filter(({ group }) => group.kind === kind);
    expect(perType(own).find(({ type }) => type === newType)?.recall.value).toBeGreaterThan(recall);
    const sure = own.filter((answer) => answer.sure && answer.type === newType);
    if (sure.length > 0) expect(share(sure, isRight).value).toBeGreaterThanOrEqual(0.85);
  });
});
