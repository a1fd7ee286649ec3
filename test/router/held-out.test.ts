import { expect, it } from "vitest";

import { judgedByOthers } from "../../evals/routing/held-out.ts";
import { groups, heldOut } from "../../evals/routing/items.ts";
import { answers, measure } from "../../evals/routing/measure.ts";
import { shippedWeights } from "../../graphs/router/local/weights.ts";

/** The figures of `npm run router:eval`, less two points. */
const stated = { strict: 0.727, lenient: 0.836, macroF1: 0.656 };

it("messages of sources that the model has not seen are routed as well as stated", { timeout: 120_000 }, () => {
  const items = groups.filter(({ name }) => heldOut.includes(name)).flatMap((group) => group.items);
  const figures = measure(answers(judgedByOthers([{ name: "held out", items }]), shippedWeights().followUpFavour));
  expect(figures.strict).toBeGreaterThan(stated.strict - 0.02);
  expect(figures.lenient).toBeGreaterThan(stated.lenient - 0.02);
  expect(figures.macroF1).toBeGreaterThan(stated.macroF1 - 0.02);
});
