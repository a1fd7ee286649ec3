import { expect, it } from "vitest";

import { leaseMs } from "../../src/store/turns.ts";
import { lease } from "../../src/turns/lease.ts";
import { seal } from "../../src/turns/seal.ts";

it("a lease counts from the moment at which it was asked for, and a late answer does not shorten it", () => {
  let now = 1_000;
  const one = lease(500, () => now);
  now = 500 + leaseMs - 1;
  expect(one.isOver).toBe(false);
  now = 500 + leaseMs;
  expect(one.isOver).toBe(true);
  one.extend(2_000);
  one.extend(600);
  expect(one.isOver).toBe(false);
  now = 2_000 + leaseMs;
  expect(one.isOver).toBe(true);
});

it("whoever wants to say something after the lease finds the host silent, for good, and ends the run", () => {
  let isOver = false;
  const ends: unknown[] = [];
  const host = seal(
    {
      get isOver() {
        return isOver;
      },
      extend() {},
    },
    (reason) => ends.push(reason.kind),
  );
  expect(host.isClosed()).toBe(false);
  isOver = true;
  expect(host.isClosed()).toBe(true);
  isOver = false;
  expect(host.isClosed()).toBe(true);
  expect(ends).toEqual(["expired"]);
});
