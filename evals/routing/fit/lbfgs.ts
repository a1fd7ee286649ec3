/** Returns the value at a point and writes its gradient to `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** Limited-memory BFGS with a backtracking line search. Deterministic, and needs no step size. */
export function minimise(objective: Objective, size: number, iterations: number): Float64Array {
  const point = new Float64Array(size);
  let gradient = new Float64Array(size);
  let value = objective(point, gradient);
  const steps: { move: Float64Array; turn: Float64Array; scale: number }[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const direction = descent(gradient, steps);
    const slope = dot(direction, gradient);
    let length = iteration === 0 ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(size);
    const nextGradient = new Float64Array(size);
    let nextValue = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 25; tries++, length /= 2) {
      for (let i = 0; i < size; i++) next[i] = (point[i] ?? 0) + length * (direction[i] ?? 0);
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + 1e-4 * length * slope) break;
    }
    if (!(nextValue < value)) break;
    const move = next.map((x, i) => x - (point[i] ?? 0));
    const turn = nextGradient.map((x, i) => x - (gradient[i] ?? 0));
    const curvature = dot(move, turn);
    if (curvature > 1e-12) steps.push({ move, turn, scale: 1 / curvature });
    if (steps.length > 8) steps.shift();
    const gain = value - nextValue;
    point.set(next);
    gradient = nextGradient;
    value = nextValue;
    if (gain < 1e-7 * Math.abs(value)) break;
  }
  return point;
}

function descent(gradient: Float64Array, steps: { move: Float64Array; turn: Float64Array; scale: number }[]) {
  const direction = gradient.map((x) => -x);
  const shares: number[] = [];
  for (const { move, turn, scale } of steps.toReversed()) {
    const share = scale * dot(move, direction);
    shares.unshift(share);
    add(direction, turn, -share);
  }
  const last = steps.at(-1);
  if (last) {
    const scale = 1 / (last.scale * dot(last.turn, last.turn));
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] ?? 0) * scale;
  }
  for (const [at, { move, turn, scale }] of steps.entries()) {
    add(direction, move, (shares[at] ?? 0) - scale * dot(turn, direction));
  }
  return direction;
}

function add(into: Float64Array, other: Float64Array, factor: number): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) + factor * (other[i] ?? 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
