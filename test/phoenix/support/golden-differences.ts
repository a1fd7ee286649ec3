/** Scenarios that cannot be replayed from a list of frames, with the test that covers them. */
export const ELSEWHERE: Record<string, string> = {
  "disconnect broadcast": "server-wide.test.ts",
  "broadcast phx_drain-like: endpoint broadcast to topic": "messages.test.ts",
  presence: "presence.test.ts",
  "invalid utf8 text frame": "wire.test.ts",
  "unmasked frame": "wire.test.ts",
  "RSV bit set": "wire.test.ts",
  "fragmented text": "wire.test.ts",
  "client ping": "wire.test.ts",
  "client close 1000": "wire.test.ts",
  "client close 1001": "wire.test.ts",
  "client close 3000": "wire.test.ts",
  "client close 4999": "wire.test.ts",
  "client close no code": "wire.test.ts",
  "idle timeout 1000ms": "wire.test.ts",
  "idle timeout: server traffic does not reset": "wire.test.ts",
};

/** Long texts were truncated in the recording. These take their place. */
export const CUT_TEXTS: Record<string, string[]> = {
  "invalid V2 text: bigjson nested": ["[".repeat(2000) + "]".repeat(2000)],
  "max_frame_size 1000": [JSON.stringify(["1", "2", "room:a", "noreply", { x: "y".repeat(1100) }])],
  "default max frame 10_000_000": [
    JSON.stringify(["1", "2", "room:a", "noreply", { x: "y".repeat(9_900_000) }]),
    JSON.stringify(["1", "4", "room:a", "noreply", { x: "y".repeat(10_000_000) }]),
  ],
  "very long topic & refs in text": [
    JSON.stringify(["r".repeat(300), "s".repeat(300), `room:${"t".repeat(300)}`, "phx_join", {}]),
  ],
  "very long ref in binary reply (oversize -> crash?)": [
    JSON.stringify(["r".repeat(300), "1", "room:a", "phx_join", {}]),
  ],
};

const ok = (joinRef: unknown, ref: unknown, topic: string, response: unknown = {}) => ({
  json: [joinRef, ref, topic, "phx_reply", { status: "ok", response }],
});
const error = (joinRef: unknown, ref: unknown, topic: string, response: object) => ({
  json: [joinRef, ref, topic, "phx_reply", { status: "error", response }],
});
const unmatched = (ref: string, topic: string) => error(null, ref, topic, { reason: "unmatched topic" });
const crashed = (joinRef: string, topic: string) => ({
  json: [joinRef, joinRef, topic, "phx_error", { reason: "channel_crash" }],
});
const closed = (joinRef: string, topic: string) => ({ json: [joinRef, joinRef, topic, "phx_close", {}] });
const heartbeat = (ref: string) => ok(null, ref, "phoenix");
const unknownEvent = { reason: "unknown_event" };
const noString = {
  reason: "unknown_event",
  message: "The event must be a string.",
  details: { code: "unknown_event" },
};

/** Where this server deliberately differs from Phoenix. `received` replaces everything that the recording received. */
export const OURS: Record<string, { why: string; received: object[] }> = {
  "slow join blocks socket": {
    why: "a pending join blocks only its own topic",
    received: [heartbeat("2"), ok("3", "3", "room:a"), ok("1", "1", "room:slow", { slow: true })],
  },
  "pipelined slow join + push + heartbeat": {
    why: "the heartbeat does not wait for the join",
    received: [heartbeat("3"), ok("1", "1", "room:slow", { slow: true }), ok("1", "2", "room:slow", { n: 1 })],
  },
  "duplicate join while channel has terminate push": {
    why: "a channel that has ended sends nothing; clients ignore anything after phx_close",
    received: [
      ok("1", "1", "room:term"),
      ok("2", "2", "room:term"),
      closed("1", "room:term"),
      ok("2", "3", "room:term"),
      closed("2", "room:term"),
    ],
  },
  "order push/broadcast/reply": {
    why: "only the first reply to a message is sent; clients ignore the others",
    received: [
      ok("1", "1", "room:a"),
      { json: ["1", null, "room:a", "p1", { n: 1 }] },
      { json: [null, null, "room:a", "b1", { n: 2 }] },
      { json: ["1", null, "room:a", "p2", { n: 3 }] },
      ok("1", "2", "room:a", { n: 4 }),
      ok("1", "3", "room:a", { n: 1 }),
      { json: [null, null, "room:a", "bc", { q: 1 }] },
      ok("1", "5", "room:a"),
      ok("1", "6", "room:a"),
      { json: ["1", null, "room:a", "icept", { intercepted: true, q: 1 }] },
      // The recording waited after each message. Here all are sent at once, so these two arrive later.
      { json: ["1", null, "room:a", "chunk", { n: 7 }] },
      ok("1", "4", "room:a", { done: 7 }),
    ],
  },
  "payload types": {
    why: "the test channel describes payloads in JavaScript syntax, not in Elixir's",
    received: [
      ok("1", "1", "room:a"),
      ok("1", "2", "room:a", { inspect: '"str"' }),
      ok("1", "3", "room:a", { inspect: "[1,2]" }),
      ok("1", "4", "room:a", { inspect: "null" }),
      ok("1", "5", "room:a", "str"),
      ok("1", "6", "room:a", [1]),
      crashed("1", "room:a"),
      ok("8", "8", "room:b"),
    ],
  },
  "unhandled event": {
    why: "an unknown event is refused instead of crashing the channel",
    received: [ok("1", "1", "room:a"), error("1", "2", "room:a", unknownEvent)],
  },
  "client sends server events": {
    why: "an invalid event is refused instead of crashing the channel",
    received: [ok("1", "1", "room:a"), error("1", "2", "room:a", unknownEvent), ok("1", "3", "room:a")],
  },
  "client sends phx_error/phx_reply": {
    why: "an invalid event is refused instead of crashing the channel",
    received: [ok("1", "1", "room:a"), error("1", "2", "room:a", unknownEvent), ok("1", "3", "room:a")],
  },
  "invalid V2 text: event null unjoined": {
    why: "an invalid event is refused instead of crashing the channel",
    received: [ok("1", "1", "room:a"), error("1", "1", "room:a", noString), heartbeat("9")],
  },
  "joined, event null": {
    why: "an invalid event is refused instead of crashing the channel",
    received: [
      ok("1", "1", "room:a"),
      error("1", "2", "room:a", noString),
      error("1", "3", "room:a", noString),
      heartbeat("9"),
    ],
  },
  "invalid V2 text: lone surrogate": {
    why: "JSON.parse accepts a lone surrogate",
    received: [ok("1", "1", "room:a"), ok("1", "1", "room:a", { a: "\ud83d" })],
  },
  "V2 binary push": {
    why: "the test channel describes payloads in JavaScript syntax, not in Elixir's",
    received: [
      ok("1", "1", "room:a"),
      { bin: "0001060731726f6f6d3a6162696e707573680908" },
      { bin: "020605726f6f6d3a6162696e6263010203" },
      { bin: "01010106023132726f6f6d3a616f6b010203ff" },
      ok("1", "3", "room:a", { inspect: "bytes 41" }),
      { bin: "0001060731726f6f6d3a6162696e707573680908" },
      { bin: "020605726f6f6d3a6162696e6263" },
      { bin: "01010106023136726f6f6d3a616f6bff" },
      { bin: "0001060731726f6f6d3a6162696e707573680908" },
      { bin: "020605726f6f6d3a6162696e626307" },
      { bin: "010100060231726f6f6d3a616f6b07ff" },
    ],
  },
  "default max frame 10_000_000": {
    why: "the recording ends before the close",
    received: [ok("1", "1", "room:a"), ok("1", "3", "room:a"), { close: 1009 }],
  },
  "pipelined leave x2": {
    why: "the second leave arrives after the end and is answered",
    received: [ok("1", "1", "room:a"), ok("1", "2", "room:a"), closed("1", "room:a"), ok("1", "3", "room:a")],
  },
  "pipelined leave then push": {
    why: "here the leave finishes at once, so the push is unmatched",
    received: [ok("1", "1", "room:a"), ok("1", "2", "room:a"), closed("1", "room:a"), unmatched("3", "room:a")],
  },
  "pipelined leave then join (client leave/rejoin)": {
    why: "here the leave finishes before the join, so it gets its reply",
    received: [
      ok("1", "1", "room:a"),
      ok("1", "2", "room:a"),
      closed("1", "room:a"),
      ok("3", "3", "room:a"),
      ok("3", "4", "room:a", { n: 1 }),
    ],
  },
  "boom with queued pushes": {
    why: "what waited is answered",
    received: [ok("1", "1", "room:a"), crashed("1", "room:a"), unmatched("3", "room:a"), unmatched("4", "room:a")],
  },
  "join while old crashed concurrently": {
    why: "a race in the recording: here the crash is over before the join",
    received: [ok("1", "1", "room:a"), crashed("1", "room:a"), ok("3", "3", "room:a"), ok("3", "4", "room:a")],
  },
  "stop_normal with queued push": {
    why: "what waited is answered",
    received: [ok("1", "1", "room:a"), closed("1", "room:a"), unmatched("3", "room:a")],
  },
};

export const LIMITS: Record<string, object> = {
  "max channels": { channels: 2 },
  "max_frame_size 1000": { frameBytes: 1000 },
  "default max frame 10_000_000": { frameBytes: 10_000_000, userBytes: 100_000_000 },
};
