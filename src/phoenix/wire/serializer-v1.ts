import { type Frame, parseJson, type Serializer, UndecodableFrame } from "./serializer.ts";

/** V1: `{topic, event, payload, ref}`, with an optional `join_ref` from clients. No binary frames. */
export const serializerV1: Serializer = {
  decode(data, _isBinary, payloadDepth) {
    const { value, depth, weight } = parseJson(data.toString());
    if (!isEnvelope(value)) throw new UndecodableFrame("A V1 frame must have topic, event, payload and ref.");
    const { topic, event, payload, ref, join_ref: joinRef = null } = value;
    const frame: Frame = { joinRef, ref, topic, event, payload, tooDeep: depth > payloadDepth + 1, weight };
    if (frame.tooDeep && [joinRef, ref, topic, event].some((field) => typeof field === "object" && field !== null)) {
      throw new UndecodableFrame("The frame is nested too deeply.");
    }
    return frame;
  },

  reply(_joinRef, ref, topic, status, response) {
    return JSON.stringify({ topic, event: "phx_reply", ref, payload: { status, response } });
  },

  message(_joinRef, ref, topic, event, payload) {
    return JSON.stringify({ topic, event, ref, payload });
  },

  prefix(_joinRef, topic) {
    return `{"topic":${JSON.stringify(topic)},"ref":null,"event":`;
  },

  push(prefix, event, payload) {
    return `${prefix}${JSON.stringify(event)},"payload":${JSON.stringify(payload)}}`;
  },
};

function isEnvelope(value: unknown): value is Record<"topic" | "event" | "payload" | "ref" | "join_ref", unknown> {
  if (typeof value !== "object" || value === null) return false;
  return ["topic", "event", "payload", "ref"].every((key) => Object.hasOwn(value, key));
}
