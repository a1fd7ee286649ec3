import { once } from "node:events";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { serializerV1 } from "../../src/phoenix/wire/serializer-v1.ts";
import { serializerV2 } from "../../src/phoenix/wire/serializer-v2.ts";
import { size } from "../support/size.ts";
import { inProcess } from "./support/in-process.ts";
import { rawClient } from "./support/raw-client.ts";
import { serveRoom } from "./support/serve-room.ts";

const FRAMES_A_RUN = 120;
const RUNS = size(60, 500);

const uncaught: unknown[] = [];
const note = (error: unknown) => {
  uncaught.push(error);
};

beforeAll(() => {
  process.on("uncaughtException", note).on("unhandledRejection", note);
});
afterAll(() => {
  process.off("uncaughtException", note).off("unhandledRejection", note);
});

const ref = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("1", "2", "3") },
  fc.constantFrom(null, "", 1, 5, true, {}, { o: 1 }, [], "r".repeat(300)),
);
const topic = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("room:a", "room:b", "room:pres", "room:pushinjoin", "phoenix") },
  fc.constantFrom("room:deny", "room:joincrash", "room:badjoin", "exact", "nope", "room:", "__proto__", null, 7, {}),
  fc.string({ unit: "binary" }).map((text) => `room:${text}`),
);
const EVENTS =
  "echo ok err noreply boom stop_normal stop_bad stop_shutdown_reply push_then_reply bcast bcast_from icept twice bin payload_type reply_nonmap push_nonmap pres_update";
const event = fc.oneof(
  { weight: 4, arbitrary: fc.constant("phx_join") },
  fc.constantFrom("phx_leave", "phx_reply", "phx_close", "phx_error", "heartbeat", "__proto__", "toString"),
  { weight: 4, arbitrary: fc.constantFrom(...EVENTS.split(" ")) },
  fc.constantFrom(null, 7, {}, []),
  fc.string({ unit: "binary" }),
);
const deep = fc.integer({ min: 1, max: 3000 }).map((depth) => ({ deep: depth }));
const payload = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  deep,
  fc.constantFrom({ key: "__proto__", meta: { a: 1 } }, { deny: "no" }, null),
);

const text = fc
  .tuple(ref, ref, topic, event, payload)
  .map(([joinRef, own, on, what, body]) => encode([joinRef, own, on, what, body]));
const object = fc
  .record({ join_ref: ref, ref, topic, event, payload }, { requiredKeys: ["topic", "event"] })
  .map((frame) => encode(frame));

/** Replaces a payload `{deep: n}` by n nested arrays, which are too deep to build as values. */
function encode(frame: unknown): string {
  return JSON.stringify(frame).replace(/\{"deep":(\d+)\}/, (_match, depth) => "[".repeat(+depth) + "]".repeat(+depth));
}

const mutated = fc
  .tuple(fc.oneof(text, object), fc.nat(), fc.string({ unit: "binary", maxLength: 3 }), fc.nat(4))
  .map(([frame, at, inserted, cut]) => {
    const place = at % (frame.length + 1);
    return frame.slice(0, place) + inserted + frame.slice(place + cut);
  });
const bytes = fc.uint8Array({ maxLength: 60 }).map((data) => Buffer.from(data));
const binary = fc
  .tuple(
    fc.constantFrom("1", "2", ""),
    fc.constantFrom("1", "9", ""),
    topic,
    event,
    fc.uint8Array({ maxLength: 20 }),
    fc.nat(3),
  )
  .map(([joinRef, own, on, what, data, cut]) => {
    const fields = [joinRef, own, String(on), String(what)].map((field) => Buffer.from(field).subarray(0, 255));
    const frame = Buffer.concat([Buffer.from([0, ...fields.map((field) => field.length)]), ...fields, data]);
    return frame.subarray(0, frame.length - (cut === 3 ? 5 : 0));
  });
/** An invalid frame closes the socket, so most frames are valid. Otherwise no channel would stay joined for long. */
const framesOf = (valid: fc.Arbitrary<string>) =>
  fc.array(fc.oneof({ weight: 40, arbitrary: valid }, { weight: 8, arbitrary: binary }, text, object, mutated, bytes), {
    minLength: FRAMES_A_RUN,
    maxLength: FRAMES_A_RUN,
    size: "max",
  });

describe("random frames", () => {
  it.each([
    { version: "V1", serializer: serializerV1, frames: framesOf(object) },
    { version: "V2", serializer: serializerV2, frames: framesOf(text) },
  ])(
    "thousands of random frames in $version throw no error and leave nothing behind",
    async ({ serializer, frames }) => {
      const logged: object[] = [];
      const { connect, room, topics, open } = inProcess({
        debug() {},
        warn() {},
        error: (fields) => logged.push(fields),
      });
      await fc.assert(
        fc.asyncProperty(frames, async (sequence) => {
          let client = connect(serializer);
          for (const received of sequence) {
            if (client.closedWith !== undefined) client = connect(serializer);
            client.receive(received);
          }
          client.socket.close(1001, "");
          await new Promise((resolve) => setImmediate(resolve));
          expect([open.size, topics.size, room.members.size]).toEqual([0, 0, 0]);
          for (const data of client.sent) if (typeof data === "string") JSON.parse(data);
        }),
        { numRuns: RUNS },
      );
      const fresh = connect(serializer);
      const beat = { topic: "phoenix", event: "heartbeat", payload: {}, ref: "b" };
      fresh.send(serializer === serializerV1 ? beat : [null, "b", "phoenix", "heartbeat", {}]);
      expect(fresh.heard()).toHaveLength(1);
      expect(uncaught).toEqual([]);
      // Errors thrown by the test channel are logged with a topic. A frame that could not be handled would be logged without one.
      for (const fields of logged) expect(fields).toHaveProperty("topic");
    },
  );

  it("thousands of random frames over real sockets do not disturb other clients", async () => {
    const { url, sockets, room } = await serveRoom();
    const witness = await rawClient(url);
    for (const sequence of fc.sample(framesOf(text), 30)) {
      const webSocket = new WebSocket(`${url}/websocket?vsn=2.0.0`);
      await once(webSocket, "open");
      for (const received of sequence) {
        if (webSocket.readyState === WebSocket.OPEN) webSocket.send(received);
        // Lets the server's close arrive between two frames.
        if (received.length % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      webSocket.terminate();
    }
    const valid = fc.sample(text, 3000);
    const webSocket = new WebSocket(`${url}/websocket?vsn=2.0.0`);
    await once(webSocket, "open");
    for (const received of valid) webSocket.send(received);
    webSocket.close();
    await once(webSocket, "close");
    expect(await witness.settled()).toEqual([]);
    await expect.poll(() => sockets.stats()).toMatchObject({ sockets: 1, channels: 0 });
    expect(room.members.size).toBe(0);
    expect(uncaught).toEqual([]);
  });
});
