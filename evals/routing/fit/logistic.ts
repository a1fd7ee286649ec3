import { solveSymmetric } from "./matrix.ts";

const rounds = 25;

/** Logistic regression by Newton's method. The rows are weighted so that `share` of them are positive. */
export function logistic(rows: readonly { x: readonly number[]; y: boolean }[], share: number): number[] {
  const width = rows[0]?.x.length ?? 0;
  const positive = rows.filter(({ y }) => y).length;
  const weights = {
    positive: (share * rows.length) / positive,
    negative: ((1 - share) * rows.length) / (rows.length - positive),
  };
  const coefficients = new Float64Array(width);
  for (let round = 0; round < rounds; round++) {
    const hessian = new Float64Array(width * width);
    const gradient = coefficients.map((one) => -one); // of a small L2 penalty
    for (const { x, y } of rows) {
      const score = x.reduce((sum, value, i) => sum + value * (coefficients[i] ?? 0), 0);
      const p = 1 / (1 + Math.exp(-score));
      const weight = y ? weights.positive : weights.negative;
      for (let i = 0; i < width; i++) {
        gradient[i] = (gradient[i] ?? 0) + weight * ((y ? 1 : 0) - p) * (x[i] ?? 0);
        for (let j = 0; j <= i; j++)
          hessian[i * width + j] = (hessian[i * width + j] ?? 0) + weight * p * (1 - p) * (x[i] ?? 0) * (x[j] ?? 0);
      }
    }
    for (let i = 0; i < width; i++) hessian[i * width + i] = (hessian[i * width + i] ?? 0) + 1;
    const step = solveSymmetric(hessian, gradient);
    for (let i = 0; i < width; i++) coefficients[i] = (coefficients[i] ?? 0) + (step[i] ?? 0);
  }
  return [...coefficients];
}
