import { expect, it } from "vitest";

import { logger } from "../../src/telemetry/log.ts";
import { type LiveEvent, memoryBus } from "../../src/turns/bus.ts";
import { live as liveConversations } from "../../src/turns/live.ts";

it("a watcher that throws affects neither the publisher nor other watchers, and the turn's text is kept", () => {
  const bus = memoryBus(logger("silent"));
  const live = liveConversations(bus);
  const seen: LiveEvent["type"][] = [];
  const broken = () => {
    throw new Error("a broken watcher");
  };
  live.watch("c", { see: broken });
  live.watch("c", { see: ({ type }) => void seen.push(type) });
  live.watch("c", { see: broken });
  const tell = (event: LiveEvent) => bus.publish("c", event);
  tell({ type: "began", attempt: 1, turnId: "t", query: "q", restarts: 0 });
  tell({ type: "text", turnId: "t", restarts: 0, offset: 0, text: "one " });
  tell({ type: "text", turnId: "t", restarts: 0, offset: 4, text: "two" });
  expect(live.running("c")?.answer.text()).toBe("one two");
  tell({ type: "ended", turnId: "t", terminal: { event: "response", payload: { turn_id: "t" } }, isSent: true });
  expect(seen).toEqual(["began", "text", "text", "ended"]);
  expect(live.running("c")).toBeUndefined();
});
