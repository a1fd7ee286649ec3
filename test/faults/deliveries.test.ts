import { expect, it } from "vitest";

import { batchedDeliveries } from "../../src/channel/deliveries.ts";
import type { Delivery } from "../../src/store/deliveries.ts";
import { StoreBusy } from "../../src/store/store.ts";
import { logger } from "../../src/telemetry/log.ts";

it("deliveries that cannot be written while the database is locked are written later, and count meanwhile", async () => {
  let isLocked = true;
  const taken: [string, Delivery][] = [];
  const store = {
    endedAfter: async () => undefined,
    undelivered: async () => ["one", "two"],
    async mark(marks: ReadonlyMap<string, Delivery>) {
      if (isLocked) throw new StoreBusy("locked");
      taken.push(...marks);
    },
  };
  const deliveries = batchedDeliveries(store, logger("silent"));
  deliveries.acknowledged("one");
  await deliveries.markSent("two");
  expect(await deliveries.undelivered("c")).toEqual(["two"]);
  isLocked = false;
  await expect
    .poll(() => taken)
    .toEqual([
      ["one", "acknowledged"],
      ["two", "sent"],
    ]);
});
