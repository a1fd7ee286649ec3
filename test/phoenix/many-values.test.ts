import { describe, expect, it } from "vitest";

import { UndecodableFrame } from "../../src/phoenix/wire/serializer.ts";
import { serializerV1 } from "../../src/phoenix/wire/serializer-v1.ts";
import { serializerV2 } from "../../src/phoenix/wire/serializer-v2.ts";
import { inProcess } from "./support/in-process.ts";
import { quietLog } from "./support/quiet-log.ts";

const list = `[${"[],".repeat(30_000)}[]]`;
const decodeV1 = (text: string) => serializerV1.decode(Buffer.from(text), false, 32);
const decodeV2 = (text: string) => serializerV2.decode(Buffer.from(text), false, 32);
const unparsed = { joinRef: "1", ref: "2", topic: "room:a,b", event: "e]{", payload: undefined, tooDeep: true };

describe("a payload with too many values", () => {
  it.each([
    `["1","2","room:a,b","e]{",${list}]`,
    ` [ "1" , "2" , "room:a,b" , "e]{" , {"a":${list},"b":[1,2]} ] `,
    `["1","2","room:a,b","e]{",${list},7,8]`,
  ])("is not parsed: V2", (text) => {
    expect(decodeV2(text)).toMatchObject(unparsed);
  });

  it.each([
    `{"join_ref":"1","ref":"2","topic":"room:a,b","event":"e]{","payload":${list}}`,
    ` { "payload" : ${list} , "topic" : "room:a,b" , "event":"e]{","ref":"2","join_ref":"1" } `,
  ])("is not parsed: V1", (text) => {
    expect(decodeV1(text)).toMatchObject(unparsed);
  });

  it.each([
    `[${list},"2","room:a","e",{}]`,
    `["1","2",${list}]`,
    list.slice(0, -1),
    `["1","2","room:a",x,${list}]`,
    `{"ref":"2","topic":"room:a","event":"e","p\\u0061yload":${list}}`,
    `{"ref":"2","topic":"room:a","payload":${list}}`,
    `{"ref":${list},"topic":"room:a","event":"e","payload":{}}`,
  ])("is no frame if anything else is wrong", (text) => {
    expect(() => decodeV1(text)).toThrow(UndecodableFrame);
    expect(() => decodeV2(text)).toThrow(UndecodableFrame);
  });

  it("is refused in its channel, which goes on", () => {
    const { connect, room } = inProcess(quietLog);
    const client = connect(serializerV2);
    client.send(["1", "1", "room:a", "phx_join", {}]);
    client.heard();
    client.receive(`["1","2","room:a","echo",${list}]`);
    client.receive('["1","3","room:a","echo",{}]');
    expect(client.heard()).toMatchObject([
      ["1", "2", "room:a", "phx_reply", { status: "error", response: { reason: "invalid_payload" } }],
      ["1", "3", "room:a", "phx_reply", { status: "ok" }],
    ]);
    expect(room.handled).toEqual([{}]);
  });
});
