import { softmax } from "conversation-channel-router/model.ts";
import { minimise } from "./lbfgs.ts";

/** A sparse row of features, with the target probability of each class and the row's weight. */
export interface Row {
  index: Int32Array;
  value: Float64Array;
  target: readonly number[];
  weight: number;
}

/** Trains a softmax regression and returns its weights [feature × class]. `penalty` is the L2 penalty of a feature. */
export function softmaxRegression(
  rows: readonly Row[],
  {
    size,
    classes,
    penalty,
    iterations,
  }: { size: number; classes: number; penalty: (feature: number) => number; iterations: number },
): Float64Array {
  const strength = Float64Array.from({ length: size }, (_, feature) => penalty(feature));
  const scores = new Float64Array(classes);
  return minimise(
    (weights, gradient) => {
      let loss = 0;
      for (let feature = 0; feature < size; feature++) {
        const pull = strength[feature] ?? 0;
        for (let k = 0, at = feature * classes; k < classes; k++, at++) {
          const weight = weights[at] ?? 0;
          gradient[at] = pull * weight;
          loss += 0.5 * pull * weight * weight;
        }
      }
      for (const { index, value, target, weight } of rows) {
        scores.fill(0);
        for (let i = 0; i < index.length; i++) {
          const x = value[i] ?? 0;
          for (let k = 0, at = (index[i] ?? 0) * classes; k < classes; k++, at++)
            scores[k] = (scores[k] ?? 0) + x * (weights[at] ?? 0);
        }
        softmax(scores);
        for (let k = 0; k < classes; k++) {
          const share = target[k] ?? 0;
          const probability = scores[k] ?? 0;
          if (share > 0) loss -= weight * share * Math.log(probability + 1e-12);
          scores[k] = weight * (probability - share);
        }
        for (let i = 0; i < index.length; i++) {
          const x = value[i] ?? 0;
          for (let k = 0, at = (index[i] ?? 0) * classes; k < classes; k++, at++)
            gradient[at] = (gradient[at] ?? 0) + x * (scores[k] ?? 0);
        }
      }
      return loss;
    },
    size * classes,
    iterations,
  );
}
