import { types } from "./fit/model.ts";
import { mean } from "./intervals.ts";
import { type Answer, isAcceptable } from "./measure.ts";

/** The accuracy of the assumed model. */
export const assumedAccuracy = 0.85;

/**
 * Estimates the whole router with an assumed model stage: it is right with probability `assumedAccuracy`, otherwise it picks any other
 * type. Returns expected shares of acceptable answers, and the share of messages that the model is asked about.
 */
export function withAssumedModel(all: readonly Answer[]) {
  return {
    lenient: mean(all.map(byRouter)),
    modelAlone: mean(all.map(byModel)),
    localAlone: mean(all.map(byLocal)),
    asks: mean(all.map(({ sure }) => (sure ? 0 : 1))),
    perType: types.flatMap((type) => {
      const own = all.filter(({ item }) => item.label === type);
      const [router, model] = [mean(own.map(byRouter)), mean(own.map(byModel))];
      return own.length > 0 ? [{ type, messages: own.length, router, model }] : [];
    }),
  };
}

function byRouter(answer: Answer): number {
  return answer.sure ? byLocal(answer) : byModel(answer);
}

function byLocal(answer: Answer): number {
  return isAcceptable(answer) ? 1 : 0;
}

function byModel({ item }: Answer): number {
  return assumedAccuracy + ((1 - assumedAccuracy) * item.alt_labels.length) / (types.length - 1);
}
