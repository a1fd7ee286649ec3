import { decodeBinary, encodeBinaryBroadcast, encodeBinaryPush, encodeBinaryReply } from "./binary.ts";
import {
  type Frame,
  maxFieldUnits,
  measure,
  parseJson,
  partsOf,
  type Serializer,
  UndecodableFrame,
} from "./serializer.ts";

/** V2: `[join_ref, ref, topic, event, payload]`, or a binary frame. */
export const serializerV2: Serializer = {
  decode(data, isBinary, payloadDepth) {
    return isBinary ? decodeBinary(data) : decodeText(data.toString(), payloadDepth);
  },

  reply(joinRef, ref, topic, status, response) {
    if (response instanceof Uint8Array) return encodeBinaryReply(joinRef, ref, topic, status, response);
    return JSON.stringify([joinRef, ref, topic, "phx_reply", { status, response }]);
  },

  message(joinRef, ref, topic, event, payload) {
    return JSON.stringify([joinRef, ref, topic, event, payload]);
  },

  prefix(joinRef, topic) {
    return `[${JSON.stringify(joinRef)},null,${JSON.stringify(topic)},`;
  },

  push(prefix, event, payload) {
    return `${prefix}${JSON.stringify(event)},${JSON.stringify(payload)}]`;
  },

  pushBytes(joinRef, topic, event, bytes) {
    return joinRef === null
      ? encodeBinaryBroadcast(topic, event, bytes)
      : encodeBinaryPush(joinRef, topic, event, bytes);
  },
};

function decodeText(text: string, payloadDepth: number): Frame {
  const { depth, weight, isTooMuch, commas } = measure(text);
  const value = isTooMuch ? envelopeOf(text, commas) : parseJson(text);
  if (!Array.isArray(value) || value.length < 5) throw new UndecodableFrame("A V2 frame must have five elements.");
  const [joinRef, ref, topic, event, payload]: unknown[] = value;
  const tooDeep = isTooMuch || depth > payloadDepth + 1;
  if (tooDeep && [joinRef, ref, topic, event].some((field) => typeof field === "object" && field !== null)) {
    throw new UndecodableFrame("The frame is nested too deeply.");
  }
  return { joinRef, ref, topic, event, payload, tooDeep, weight: isTooMuch ? 0 : weight };
}

/** The frame without its payload. */
function envelopeOf(text: string, commas: readonly number[]): unknown[] {
  const fields = partsOf(text, commas).slice(0, 4);
  if (commas.length < 4 || fields.some(({ length }) => length > maxFieldUnits))
    throw new UndecodableFrame("The frame has too many values.");
  return [...fields.map(parseJson), undefined];
}
