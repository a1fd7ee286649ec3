// Frames that many tests use.
export const T = "room:a";

export const ok = (response: unknown = {}) => ({ status: "ok", response });

export const join = (ref = "1", topic = T, payload: unknown = {}) => [ref, ref, topic, "phx_join", payload];

export const joined = (ref = "1", topic = T) => [ref, ref, topic, "phx_reply", ok()];

export const unmatched = (ref: string, topic = T) => [
  null,
  ref,
  topic,
  "phx_reply",
  { status: "error", response: { reason: "unmatched topic" } },
];
