import { shippedThreshold } from "conversation-channel-router";
import { shippedWeights } from "conversation-channel-router/weights.ts";
import { expect, it } from "vitest";
import { judgedByOthers } from "../../evals/routing/held-out.ts";
import { groups, heldOut } from "../../evals/routing/items.ts";
import { answers, measure, withModel } from "../../evals/routing/measure.ts";

/** The figures of `npm run router:eval`, less two points. */
const stated = { strict: 0.727, lenient: 0.836, macroF1: 0.656, asks: 0.733 };

/** Of the split, which is easier than all sources together. */
const items = groups.filter(({ name }) => heldOut.includes(name)).flatMap((group) => group.items);
const judged = answers(judgedByOthers([{ name: "held out", items }]), shippedWeights().followUpFavour);

it("messages of sources that the model has not seen are routed as well as stated", () => {
  const figures = measure(judged);
  expect(figures.strict).toBeGreaterThan(stated.strict - 0.02);
  expect(figures.lenient).toBeGreaterThan(stated.lenient - 0.02);
  expect(figures.macroF1).toBeGreaterThan(stated.macroF1 - 0.02);
});

it("with a model that is right in 85 %, the whole router is better than either stage alone, and asks it no more often than stated", () => {
  const { lenient, modelAlone, localAlone, asks } = withModel(judged, shippedThreshold, 0.85);
  expect(lenient).toBeGreaterThan(Math.max(modelAlone, localAlone));
  expect(asks).toBeLessThan(stated.asks + 0.02);
});
