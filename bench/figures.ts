/** One comparison of one round. */
export interface Measure {
  name: string;
  unit: string;
  bare: number;
  server: number;
  /** How the two are compared. */
  by: "ratio" | "difference";
  goal?: string;
}

/** A part of the bench: one round of it, measured on both sides. */
export interface Row {
  title: string;
  /** What the server is compared with, and the server: `bare` and `server` if not said. */
  against?: string;
  tested?: string;
  /** Its processes are new in each round, so that nothing of it can be warmed up. */
  startsCold?: boolean;
  round(): Promise<Measure[]>;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position % 1);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** What a measure comes to in one round. */
export function compared({ bare, server, by }: Measure): number {
  return by === "ratio" ? server / bare : server - bare;
}
