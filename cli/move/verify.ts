import { createHash } from "node:crypto";

import type { Source } from "./source.ts";
import { positionOf, type Row, type Table } from "./tables.ts";
import type { target } from "./target.ts";

/** Of all rows of a table, in the order of its key. */
export interface Checksum {
  rows: number;
  /** SHA-256, hexadecimal. */
  sum: string;
}

export interface Verified {
  table: string;
  source: Checksum;
  target: Checksum;
}

/** Reads a table in both databases. Of a table that may have more rows, those that the source has count. Has to run inside a transaction of the target. */
export async function verified(from: Source, to: ReturnType<typeof target>, table: Table): Promise<Verified> {
  const [here, there] = [summing(), summing()];
  const known = new Set<string>();
  for (const row of from.rows(table)) {
    here.add(row);
    if (table.mayHaveMore) known.add(positionOf(table, row));
  }
  for await (const row of to.rows(table)) {
    if (!table.mayHaveMore || known.has(positionOf(table, row))) there.add(row);
  }
  return { table: table.name, source: here.result(), target: there.result() };
}

export function isEqual({ source, target }: Verified): boolean {
  return source.rows === target.rows && source.sum === target.sum;
}

function summing() {
  const hash = createHash("sha256");
  let rows = 0;
  return {
    add(row: Row): void {
      rows += 1;
      hash.update(`${JSON.stringify(row.map((value) => (value instanceof Uint8Array ? [base64(value)] : value)))}\n`);
    },
    result: (): Checksum => ({ rows, sum: hash.digest("hex") }),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
