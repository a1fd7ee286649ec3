import { createServer, request as forward } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";

import { startModelServer } from "../support/model-server.ts";
import { listen, modelAt } from "./support.ts";

const running: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of running.splice(0)) server.close().closeAllConnections();
});

/** A proxy that forwards plain requests, refuses tunnels, and records both. */
async function proxy() {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const { method, headers } = request;
    const onward = forward(request.url ?? "", { method, headers, agent: false }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    request.pipe(onward);
  });
  server.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  running.push(server);
  return { url: await listen(server), seen };
}

describe("a proxy", () => {
  it.each(["HTTP_PROXY", "http_proxy"])("named by %s gets the requests", async (name) => {
    await using server = await startModelServer();
    const { url, seen } = await proxy();
    vi.stubEnv(name, url);
    const model = modelAt(server.url, { MODEL: "gpt-test" });
    expect(await model.ask()).toBe("Answer to: Hi");
    expect(await model.ask()).toBe("Answer to: Hi");
    const asked = `POST ${server.url}/chat/completions`;
    expect(seen).toEqual([asked, asked]);
    expect(server.requests[0]?.headers.authorization).toBe("Bearer sk-test");
  });

  it.each(["HTTPS_PROXY", "https_proxy"])("named by %s is asked for a tunnel to an https server", async (name) => {
    const { url, seen } = await proxy();
    vi.stubEnv(name, url);
    const asking = modelAt("https://model.invalid/v1").ask({ retries: 0 });
    await expect(asking).rejects.toMatchObject({ code: "model_unavailable" });
    expect(seen).toEqual(["CONNECT model.invalid:443"]);
  });

  it.each(["NO_PROXY", "no_proxy"])("is bypassed as %s says", async (name) => {
    await using server = await startModelServer();
    const { url, seen } = await proxy();
    vi.stubEnv("HTTP_PROXY", url);
    vi.stubEnv(name, "127.0.0.1");
    expect(await modelAt(server.url, { MODEL: "gpt-test" }).ask()).toBe("Answer to: Hi");
    expect(seen).toEqual([]);
  });

  it("is used even though the environment is a copy, as in the server", async () => {
    const real = process.env;
    await using server = await startModelServer();
    const { url, seen } = await proxy();
    process.env = { ...real, HTTP_PROXY: url };
    try {
      expect(await modelAt(server.url, { MODEL: "gpt-test" }).ask()).toBe("Answer to: Hi");
    } finally {
      process.env = real;
    }
    expect(seen).toHaveLength(1);
  });
});
