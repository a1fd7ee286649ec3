const names: string[] = [];
let filled = new Float64Array(0);
let position = 0;

/** Names of all signals, in the order of `values`. */
export const signalNames: readonly string[] = names;

/** Call before writing the signals of a message. */
export function begin(): void {
  position = 0;
}

/** Writes the next signal. The order is always the same, so names are recorded only in the first run. */
export function put(name: string, value: number): void {
  if (position >= filled.length) names.push(name);
  else filled[position] = value;
  position++;
}

/** The signals written since `begin`. The array is reused. */
export function values(): Float64Array {
  return filled;
}

/** Ends the first run, which only records the names. */
export function namesAreKnown(): void {
  filled = new Float64Array(names.length);
}

export function log(count: number): number {
  return Math.log2(1 + count);
}
