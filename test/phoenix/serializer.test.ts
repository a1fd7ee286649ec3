import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBytes, type Serializer, UndecodableFrame } from "../../src/phoenix/wire/serializer.ts";
import { serializerV1 } from "../../src/phoenix/wire/serializer-v1.ts";
import { serializerV2 } from "../../src/phoenix/wire/serializer-v2.ts";

const DEPTH = 32;
const decode = (serializer: Serializer, frame: unknown) =>
  serializer.decode(Buffer.from(JSON.stringify(frame)), false, DEPTH);
const json = (encoded: string | Uint8Array | undefined) => JSON.parse(String(encoded));

describe("the V2 serializer", () => {
  it("decodes any five values", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 5, maxLength: 7 }), (values) => {
        const [joinRef, ref, topic, event, payload] = JSON.parse(JSON.stringify(values));
        expect(decode(serializerV2, values)).toMatchObject({ joinRef, ref, topic, event, payload, tooDeep: false });
      }),
    );
  });

  it("encodes pushes, broadcasts and replies", () => {
    const prefix = serializerV2.prefix("1", 'room:"é"');
    expect(json(serializerV2.push(prefix, "p", { a: 1 }))).toEqual(["1", null, 'room:"é"', "p", { a: 1 }]);
    expect(json(serializerV2.message(null, null, "t", "b", {}))).toEqual([null, null, "t", "b", {}]);
    const reply = ["1", "2", "t", "phx_reply", { status: "ok", response: [1] }];
    expect(json(serializerV2.reply("1", "2", "t", "ok", [1]))).toEqual(reply);
  });

  it("encodes binary frames like the recorded ones", () => {
    const bytes = new Uint8Array([1, 2, 3, 255]);
    const hex = (encoded: string | Uint8Array | undefined) => Buffer.from(encoded ?? "").toString("hex");
    expect(hex(serializerV2.pushBytes?.("1", "room:a", "binpush", new Uint8Array([9, 8])))).toBe(
      "0001060731726f6f6d3a6162696e707573680908",
    );
    expect(hex(serializerV2.pushBytes?.(null, "room:a", "binbc", bytes.subarray(0, 3)))).toBe(
      "020605726f6f6d3a6162696e6263010203",
    );
    expect(hex(serializerV2.reply("1", "2", "room:a", "ok", bytes))).toBe("01010106023132726f6f6d3a616f6b010203ff");
  });

  it("rejects binary fields of more than 255 bytes", () => {
    expect(() => serializerV2.pushBytes?.("1", "é".repeat(128), "e", new Uint8Array())).toThrow(RangeError);
    expect(serializerV2.pushBytes?.("1", "é".repeat(127), "e", new Uint8Array())).toBeInstanceOf(Uint8Array);
  });

  it("decodes any binary frame that it encoded, with lengths in bytes", () => {
    const field = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => Buffer.byteLength(text) < 256);
    fc.assert(
      fc.property(field, field, field, field, fc.uint8Array(), (joinRef, ref, topic, event, data) => {
        const fields = [joinRef, ref, topic, event].map((text) => Buffer.from(text));
        const frame = Buffer.concat([Buffer.from([0, ...fields.map(({ length }) => length)]), ...fields, data]);
        const text = (at: number) => fields[at]?.toString();
        expect(serializerV2.decode(frame, true, DEPTH)).toEqual({
          joinRef: text(0),
          ref: text(1),
          topic: text(2),
          event: text(3),
          payload: data,
          tooDeep: false,
          weight: frame.length,
        });
      }),
    );
  });
});

describe("the V1 serializer", () => {
  it("never sends a join_ref and does not support bytes", () => {
    const prefix = serializerV1.prefix("1", "t");
    expect(json(serializerV1.push(prefix, "p", { a: 1 }))).toEqual({
      topic: "t",
      event: "p",
      payload: { a: 1 },
      ref: null,
    });
    expect(json(serializerV1.message("1", null, "t", "e", {}))).toEqual({
      topic: "t",
      event: "e",
      payload: {},
      ref: null,
    });
    expect(serializerV1.pushBytes).toBeUndefined();
  });

  it("decodes an optional join_ref", () => {
    const frame = { topic: "t", event: "e", payload: {}, ref: "1" };
    expect(decode(serializerV1, frame)).toMatchObject({ joinRef: null, ref: "1" });
    expect(decode(serializerV1, { ...frame, join_ref: "7" })).toMatchObject({ joinRef: "7" });
  });
});

describe.each([
  ["V1", serializerV1],
  ["V2", serializerV2],
])("the %s serializer", (_version, serializer) => {
  it("throws only UndecodableFrame for garbage", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (data, isBinary) => {
        try {
          serializer.decode(Buffer.from(data), isBinary, DEPTH);
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableFrame);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("survives any nesting and marks payloads that are nested too deeply", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    const frame = (payload: string, ref = '"1"') =>
      Buffer.from(
        serializer === serializerV2
          ? `["1",${ref},"t","e",${payload}]`
          : `{"topic":"t","event":"e","ref":${ref},"payload":${payload}}`,
      );
    expect(serializer.decode(frame(nested(32)), false, DEPTH).tooDeep).toBe(false);
    expect(serializer.decode(frame(nested(33)), false, DEPTH).tooDeep).toBe(true);
    expect(serializer.decode(frame(nested(500_000)), false, DEPTH).tooDeep).toBe(true);
    expect(serializer.decode(frame(JSON.stringify('[[[\\"{{{'.repeat(50))), false, DEPTH).tooDeep).toBe(false);
    expect(() => serializer.decode(frame("{}", nested(5000)), false, DEPTH)).toThrow(UndecodableFrame);
    expect(() => serializer.decode(Buffer.from(nested(500_000)), false, DEPTH)).toThrow(UndecodableFrame);
  });

  it("a push with a shared prefix equals one encoded as a whole", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (topic, event, payload) => {
        const prefix = serializer.prefix("7", topic);
        const whole = serializer.message("7", null, topic, event, payload);
        expect(JSON.parse(serializer.push(prefix, event, payload))).toEqual(JSON.parse(whole));
      }),
    );
  });
});

it.each([null, "text", 7, [1], undefined])("%j is not a valid payload of a push", (payload) => {
  expect(() => isBytes(payload as unknown as object)).toThrow(TypeError);
});
