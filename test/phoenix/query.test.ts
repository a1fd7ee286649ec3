import { describe, expect, it } from "vitest";

import { decodeQuery } from "../../src/transport/query.ts";
import { poller } from "./support/poller.ts";
import { serveRoom } from "./support/serve-room.ts";
import { upgrade } from "./support/upgrade.ts";

const list = (length: number) => Array.from({ length }, (_, n) => `a[]=${n}`).join("&");

describe("a query", () => {
  it("is decoded like in Phoenix", () => {
    expect(decodeQuery("a[b]=1&a[c][]=2&a[c][]=3&d&e=1&e=2&f[=1")).toEqual({
      a: { b: "1", c: ["2", "3"] },
      d: "",
      e: "2",
      "f[": "1",
    });
  });

  it("with too many parameters is not decoded", () => {
    expect(decodeQuery(list(256))?.a).toHaveLength(256);
    expect(decodeQuery(list(257))).toBeUndefined();
  });

  it("with too many parameters is refused, on both transports", async () => {
    const { port } = await serveRoom();
    expect((await upgrade(port, `/socket/websocket?vsn=2.0.0&${list(300)}`)).status).toBe(400);
    expect(await poller(port, `vsn=2.0.0&${list(300)}`).ask()).toEqual({ status: 403 });
  });

  it("is not even decoded if the address is refused", async () => {
    const { port, attempts } = await serveRoom({ admit: async () => ({ refused: 429 }) });
    expect((await upgrade(port, `/socket/websocket?vsn=2.0.0&${list(300)}`)).status).toBe(429);
    expect(attempts).toEqual([]);
  });
});
