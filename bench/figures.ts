/** One comparison in one round. */
export interface Measure {
  name: string;
  unit: string;
  bare: number;
  server: number;
  /** How the two are compared. */
  by: "ratio" | "difference";
  goal?: string;
}

/** A part of the benchmark. */
export interface Row {
  title: string;
  /** Heading of the column that the server is compared with. Default: `bare`. */
  against?: string;
  /** Heading of the server's column. Default: `server`. */
  tested?: string;
  /** Starts new processes in each round, so a warm-up round is pointless. */
  startsCold?: boolean;
  /** Measures both sides once. */
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

/** The ratio or difference of a measure. */
export function compared({ bare, server, by }: Measure): number {
  return by === "ratio" ? server / bare : server - bare;
}
