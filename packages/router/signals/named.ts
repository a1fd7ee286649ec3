const names: string[] = [];
let filled = new Float64Array(0);
let position = 0;

/** Names of all signals, in the order of `values`. */
export const signalNames: readonly string[] = names;

/** Goes back to the first signal. */
export function begin(): void {
  position = 0;
}

/** Signals are put in the same order every time: a name is only needed by whoever explains or stores them. */
export function put(name: string, value: number): void {
  if (position >= filled.length) names.push(name);
  else filled[position] = value;
  position++;
}

/** What was put since `begin`; filled anew every time. */
export function values(): Float64Array {
  return filled;
}

/** Ends the one run that only records the names. */
export function namesAreKnown(): void {
  filled = new Float64Array(names.length);
}

export function log(count: number): number {
  return Math.log2(1 + count);
}
