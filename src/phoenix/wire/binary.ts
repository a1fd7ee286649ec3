import { type Frame, UndecodableFrame } from "./serializer.ts";

/** A V2 binary frame: one byte for the kind, one byte with the length of each field, the fields, then the data. */
const PUSH = 0;
const REPLY = 1;
const BROADCAST = 2;

export function decodeBinary(data: Buffer): Frame {
  const [kind, joinRefLength, refLength, topicLength, eventLength] = data;
  if (
    kind !== PUSH ||
    joinRefLength === undefined ||
    refLength === undefined ||
    topicLength === undefined ||
    eventLength === undefined ||
    data.length < 5 + joinRefLength + refLength + topicLength + eventLength
  ) {
    throw new UndecodableFrame("The binary frame is not a push or is truncated.");
  }
  let at = 5;
  const field = (length: number) => {
    at += length;
    return data.toString("utf8", at - length, at);
  };
  const joinRef = field(joinRefLength);
  const ref = field(refLength);
  const topic = field(topicLength);
  const event = field(eventLength);
  const payload = new Uint8Array(data.subarray(at));
  return { joinRef, ref, topic, event, payload, tooDeep: false, weight: data.length };
}

export function encodeBinaryPush(joinRef: unknown, topic: string, event: string, data: Uint8Array): Uint8Array {
  return encode(PUSH, [joinRef, topic, event], data);
}

export function encodeBinaryReply(
  joinRef: unknown,
  ref: unknown,
  topic: unknown,
  status: string,
  data: Uint8Array,
): Uint8Array {
  return encode(REPLY, [joinRef, ref, topic, status], data);
}

export function encodeBinaryBroadcast(topic: string, event: string, data: Uint8Array): Uint8Array {
  return encode(BROADCAST, [topic, event], data);
}

function encode(kind: number, fields: unknown[], data: Uint8Array): Uint8Array {
  const encoded = fields.map((field) => Buffer.from(fieldText(field)));
  for (const field of encoded) {
    if (field.length > 255) throw new RangeError("A field of a binary frame must not exceed 255 bytes.");
  }
  return Buffer.concat([Buffer.from([kind, ...encoded.map((field) => field.length)]), ...encoded, data]);
}

/** A ref can be any JSON value in a text frame, but only text in a binary one. */
function fieldText(field: unknown): string {
  if (field === null || field === undefined) return "";
  return typeof field === "string" ? field : JSON.stringify(field);
}
