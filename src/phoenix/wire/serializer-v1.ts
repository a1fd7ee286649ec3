import {
  type Frame,
  maxFieldUnits,
  measure,
  parseJson,
  partsOf,
  type Serializer,
  UndecodableFrame,
} from "./serializer.ts";

/** V1: `{topic, event, payload, ref}`, with an optional `join_ref` from clients. No binary frames. */
export const serializerV1: Serializer = {
  decode(data, _isBinary, payloadDepth) {
    const text = data.toString();
    const { depth, weight, isTooMuch, commas } = measure(text);
    const value = isTooMuch ? envelopeOf(text, commas) : parseJson(text);
    if (!isEnvelope(value)) throw new UndecodableFrame("A V1 frame must have topic, event, payload and ref.");
    const { topic, event, payload, ref, join_ref: joinRef = null } = value;
    const tooDeep = isTooMuch || depth > payloadDepth + 1;
    const frame: Frame = { joinRef, ref, topic, event, payload, tooDeep, weight: isTooMuch ? 0 : weight };
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

/** The frame without its payload, which is the one part that may be long. */
function envelopeOf(text: string, commas: readonly number[]): object {
  const envelope: Record<string, unknown> = { payload: undefined };
  for (const part of partsOf(text, commas)) {
    if (/^\s*"payload"\s*:/.test(part)) continue;
    if (part.length > maxFieldUnits) throw new UndecodableFrame("The frame has too many values.");
    Object.assign(envelope, parseJson(`{${part}}`));
  }
  return envelope;
}
