import { expect, it } from "vitest";

import { start } from "../support/start.ts";

it("METRICS_ADDRESS serves /metrics and nothing else, and PORT does not serve it any more", async () => {
  await using server = await start({ METRICS_ADDRESS: "127.0.0.1:0" });
  const { metricsUrl } = server.server;
  const statusOf = async (url: string, method = "GET") => (await fetch(url, { method })).status;
  expect(await (await fetch(`${metricsUrl}/metrics?x=1`)).text()).toContain("# TYPE sockets gauge");
  expect(await statusOf(`${metricsUrl}/metrics`, "HEAD")).toBe(200);
  expect(await statusOf(`${metricsUrl}/metrics`, "POST")).toBe(404);
  for (const path of ["/", "/healthz", "/socket/longpoll?vsn=2.0.0"]) {
    expect(await statusOf(`${metricsUrl}${path}`), path).toBe(404);
  }
  expect(await statusOf(`${server.http}/metrics`)).toBe(404);
  expect(await statusOf(`${server.http}/readyz`)).toBe(200);
});

it("with METRICS_TOKEN, /metrics asks for it, on either address", async () => {
  await using beside = await start({ METRICS_ADDRESS: "127.0.0.1:0", METRICS_TOKEN: "s3cret" });
  await using together = await start({ METRICS_TOKEN: "s3cret" });
  for (const url of [beside.server.metricsUrl, together.http]) {
    const statusWith = async (authorization?: string) =>
      (await fetch(`${url}/metrics`, { headers: authorization ? { authorization } : {} })).status;
    expect(await statusWith("Bearer s3cret")).toBe(200);
    expect(await statusWith("bearer s3cret")).toBe(200);
    for (const wrong of [undefined, "Bearer", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret"])
      expect(await statusWith(wrong), wrong).toBe(401);
  }
});
