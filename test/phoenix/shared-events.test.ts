import { expect, it } from "vitest";

import type { Channel, Member } from "../../src/phoenix/channel.ts";
import { serializerV1 } from "../../src/phoenix/wire/serializer-v1.ts";
import { serializerV2 } from "../../src/phoenix/wire/serializer-v2.ts";
import { inProcess } from "./support/in-process.ts";
import { quietLog } from "./support/quiet-log.ts";
import type { Assigns } from "./support/room-channel.ts";

it("an event that members share is encoded once per serializer, and sent as a broadcast", () => {
  const members: Member<Assigns>[] = [];
  const channel: Channel<Assigns> = {
    join(_payload, member) {
      members.push(member);
      return { handle: () => undefined };
    },
  };
  const { connect } = inProcess(quietLog, { "shared:*": channel });
  const clients = [serializerV2, serializerV2, serializerV1, serializerV1, serializerV2].map((one) => connect(one));
  const join = { join_ref: "1", ref: "1", topic: "shared:a", event: "phx_join", payload: {} };
  for (const [at, client] of clients.entries())
    client.send(at === 2 || at === 3 ? join : ["1", "1", "shared:a", "phx_join", {}]);
  for (const client of clients) client.heard();
  let encoded = 0;
  const payload = {
    toJSON() {
      encoded += 1;
      return { a: 1 };
    },
  };
  for (const member of members) member.share("news", payload);
  expect(encoded).toBe(2);
  const v2 = [[null, null, "shared:a", "news", { a: 1 }]];
  const v1 = [{ topic: "shared:a", event: "news", ref: null, payload: { a: 1 } }];
  expect(clients.map((client) => client.heard())).toEqual([v2, v2, v1, v1, v2]);
  members[0]?.stop();
  clients[0]?.heard();
  members[0]?.share("news", {});
  expect(clients[0]?.heard()).toEqual([]);
});
