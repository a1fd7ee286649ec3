import { shippedThreshold } from "conversation-channel-router";
import { shippedWeights } from "conversation-channel-router/weights.ts";
import { expect, it } from "vitest";
import { judgedByOthers } from "../../evals/routing/held-out.ts";
import { groups, heldOut } from "../../evals/routing/items.ts";
import { answers, measure, withModel } from "../../evals/routing/measure.ts";

/** The documented figures of `npm run router:eval`. A test may be two points below. */
const documented = { strict: 0.727, lenient: 0.836, macroF1: 0.656, asks: 0.733 };

/** The held-out groups, which are easier than all sources together. */
const items = groups.filter(({ name }) => heldOut.includes(name)).flatMap((group) => group.items);
const judged = answers(judgedByOthers([{ name: "held out", items }]), shippedWeights().followUpFavour);

it("messages from unseen sources are routed as well as documented", () => {
  const figures = measure(judged);
  expect(figures.strict).toBeGreaterThan(documented.strict - 0.02);
  expect(figures.lenient).toBeGreaterThan(documented.lenient - 0.02);
  expect(figures.macroF1).toBeGreaterThan(documented.macroF1 - 0.02);
});

it("with a model that is right 85 % of the time, the router beats either stage alone and asks as rarely as documented", () => {
  const { lenient, modelAlone, localAlone, asks } = withModel(judged, shippedThreshold, 0.85);
  expect(lenient).toBeGreaterThan(Math.max(modelAlone, localAlone));
  expect(asks).toBeLessThan(documented.asks + 0.02);
});
