/** An object is sent as a text frame, bytes as a binary frame. */
export type PushPayload = object | Uint8Array;

/** A decoded frame from a client. The fields may hold any JSON value; refs are returned unchanged in replies. */
export interface Frame {
  joinRef: unknown;
  ref: unknown;
  topic: unknown;
  event: unknown;
  payload: unknown;
  /** The payload is nested deeper than the limit, or has too many values, and must not reach a channel. */
  tooDeep: boolean;
  /** About how much memory it takes, in bytes. */
  weight: number;
}

/** An encoded frame: a string for a text frame, bytes for a binary one. */
export type Encoded = string | Uint8Array;

/** One version of the wire format: pure functions, no state. */
export interface Serializer {
  /** Throws only `UndecodableFrame`. */
  decode(data: Buffer, isBinary: boolean, payloadDepth: number): Frame;
  reply(joinRef: unknown, ref: unknown, topic: unknown, status: string, response: unknown): Encoded;
  /** A broadcast if both `joinRef` and `ref` are null. */
  message(joinRef: unknown, ref: unknown, topic: string, event: string, payload: object): string;
  /** The start of a push, the same for all pushes to one member. */
  prefix(joinRef: unknown, topic: string): string;
  push(prefix: string, event: string, payload: object): string;
  /** Throws a RangeError if a field is too long for the format. */
  pushBytes?(joinRef: unknown, topic: string, event: string, bytes: Uint8Array): Uint8Array;
}

export class UndecodableFrame extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UndecodableFrame";
  }
}

/** Throws a TypeError if the payload is neither an object nor bytes: clients accept nothing else. */
export function isBytes(payload: PushPayload): payload is Uint8Array {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw new TypeError("The payload of a push must be an object or bytes.");
  }
  return payload instanceof Uint8Array;
}

/** Why a payload must not reach a channel. */
export const unfit = "The payload is nested too deeply, or has too many values.";

/** More values than this are not even parsed: as objects, they take many times the memory of their text. */
const maxValues = 20_000;

/** The longest field of a frame whose payload is not parsed. */
export const maxFieldUnits = 4_096;

/** More elements than a frame has. */
const maxParts = 16;

/** What a value takes beside its text. */
const valueBytes = 24;

/** What is known of a frame's text before it is parsed. */
export interface Measures {
  /** The deepest nesting. */
  depth: number;
  weight: number;
  /** The payload has too many values. Only `parts` may be parsed, and not the one with the payload. */
  isTooMuch: boolean;
  /** Where the elements of the outermost array or object are separated. */
  commas: number[];
}

/** Parses JSON. V8's parser does not recurse, so deep input is safe to parse. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UndecodableFrame("The frame is not valid JSON.", { cause });
  }
}

/** The elements of the outermost array or object, as text. */
export function partsOf(text: string, commas: readonly number[]): string[] {
  const inside = [text.search(/[[{]/), ...commas, Math.max(text.lastIndexOf("]"), text.lastIndexOf("}"))];
  return inside.slice(1).map((end, at) => text.slice((inside[at] ?? 0) + 1, end));
}

/** Neither the text nor what is found may be trusted to be JSON. */
export function measure(json: string): Measures {
  let depth = 0;
  let deepest = 0;
  let values = 0;
  const commas: number[] = [];
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(json, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        values += 1;
        if (depth > deepest) deepest = depth;
        break;
      case 0x2c: // ,
        values += 1;
        if (depth === 1 && commas.length < maxParts) commas.push(at);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
    }
  }
  return { depth: deepest, weight: json.length + valueBytes * values, isTooMuch: values > maxValues, commas };
}

function endOfString(json: string, opening: number): number {
  let closing = json.indexOf('"', opening + 1);
  while (closing !== -1 && isEscaped(json, closing)) closing = json.indexOf('"', closing + 1);
  return closing === -1 ? json.length : closing;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
}
