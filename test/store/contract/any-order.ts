import fc from "fast-check";
import { expect, it } from "vitest";

import { leaseMs } from "../../../src/store/turns.ts";
import { size } from "../../support/size.ts";
import type { Subject } from "../contract.ts";
import { compare } from "./compare.ts";
import { type Deed, deeds } from "./deeds.ts";
import { Pair } from "./pair.ts";

const conversations = 2;

/** Number of sequences, and of operations in each. */
const runs = size(30, 1_000);
const longest = 40;

export function anyOrderContract(subject: Subject): void {
  it("have the same results as in a simple model", { timeout: size(30_000, 300_000) }, async () => {
    const orders = fc.array(deeds(conversations), { minLength: 5, maxLength: longest, size: "max" });
    await fc.assert(
      fc.asyncProperty(orders, (order) => tried(order)),
      { numRuns: Math.min(runs, subject.orders ?? runs) },
    );
  });

  async function tried(order: Deed[]): Promise<void> {
    const pair = await Pair.of(subject.store, conversations);
    for (const deed of order) {
      if (deed.type === "wait") {
        const ms = deed.isLong ? leaseMs + 1 : leaseMs / 3;
        await subject.passTime(ms);
        pair.model.passTime(ms);
      } else {
        const { found, expected } = await pair.perform(deed);
        expect(found, deed.type).toEqual(expected);
      }
      await compare(pair);
    }
  }
}
