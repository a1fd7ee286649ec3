import { expect, it } from "vitest";

import { Viewer } from "../../src/channel/viewer.ts";
import type { Member } from "../../src/phoenix/channel.ts";

it.each([
  { count: 200, units: 100, crashes: 0 },
  { count: 201, units: 100, crashes: 1 },
  { count: 15, units: 16_384, crashes: 0 },
  { count: 17, units: 16_384, crashes: 1 },
])("a slow member with $count events of $units units waiting: $crashes crashes", ({ count, units, crashes }) => {
  let crashed = 0;
  const member: Member<unknown> = {
    topic: "conversation:a",
    assigns: {},
    congested: true,
    push() {},
    share() {},
    stop() {},
    crash() {
      crashed += 1;
    },
    whenWritable() {},
  };
  const viewer = new Viewer({ store: { history: {} }, deliveries: {} } as never, member, "a"); // of no use without turns
  for (let at = 0; at < count; at += 1) viewer.push("context_updated", { context: "x".repeat(units - 20) });
  expect(crashed).toBe(crashes);
});
