import { shippedWeights } from "conversation-channel-router/weights.ts";
import { describe, expect, it } from "vitest";

import { withAssumedModel } from "../../evals/routing/assumed.ts";
import { answerOf } from "../../evals/routing/calibrated.ts";
import { judgedByOthers } from "../../evals/routing/held-out.ts";
import { folds, type Kind } from "../../evals/routing/items.ts";
import { isAcceptable, isRight, share } from "../../evals/routing/measure.ts";

/** One fold: RealHumanEval, the operator's openers, and one writer's messages in mid-session. `held-out.long.test.ts` judges all of them. */
const answers = judgedByOthers(folds.slice(1, 2)).map((judged) => answerOf({ judged, calibration: shippedWeights() }));

describe.each<[Kind, { strict: number; lenient: number; whole: number }]>([
  ["real", { strict: 0.728, lenient: 0.816, whole: 0.875 }],
  ["openers", { strict: 0.803, lenient: 0.814, whole: 0.879 }],
  ["mid-session", { strict: 0.812, lenient: 0.819, whole: 0.86 }],
])("%s messages of sources that the weights have not seen", (kind, measured) => {
  const own = answers.filter(({ group }) => group.kind === kind);

  it("are routed as well as measured, less two points", () => {
    expect(share(own, isRight).value).toBeGreaterThan(measured.strict - 0.02);
    expect(share(own, isAcceptable).value).toBeGreaterThan(measured.lenient - 0.02);
  });

  it("are routed rightly where the local stage is sure", () => {
    const sure = own.filter((answer) => answer.sure);
    expect(share(sure, isRight).value).toBeGreaterThanOrEqual(0.92);
  });

  it("are routed better together with an assumed model than by either alone", () => {
    const { lenient, modelAlone, localAlone } = withAssumedModel(own);
    expect(lenient).toBeGreaterThan(Math.max(modelAlone, localAlone));
    expect(lenient).toBeGreaterThan(measured.whole - 0.02);
  });
});
