import { createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";

import { listen, modelAt, rawReply } from "./support.ts";

type OnRequest = (socket: Socket) => void;

/** Closed after each test. */
const running: { server: ReturnType<typeof createServer>; sockets: Set<Socket> }[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  for (const { server, sockets } of running.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
});

const answers: OnRequest = (socket) => socket.write(rawReply("Here"));
const resets: OnRequest = (socket) => socket.resetAndDestroy();
const closes: OnRequest = (socket) => socket.end();
const breaksOff: OnRequest = (socket) => socket.end("HTTP/1.1 200 OK\r\ncont");

/** A connection can be reused one iteration of the event loop after its reply has ended. */
async function askAndRest(model: ReturnType<typeof modelAt>): Promise<string> {
  const answer = await model.ask();
  await setImmediate();
  return answer;
}

/** A server that handles incoming requests in these ways, in order, across connections, and counts its connections. */
async function server(...ways: OnRequest[]) {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    let received = "";
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      received += bytes.toString();
      const [head = "", body] = received.split("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (body === undefined || Buffer.byteLength(body) < length) return;
      received = "";
      ways.shift()?.(socket);
    });
  });
  running.push({ server: listener, sockets });
  return { url: await listen(listener), sockets };
}

describe("a connection", () => {
  it("is reused for the next request", async () => {
    const { url, sockets } = await server(answers, answers, answers);
    const model = modelAt(url);
    for (let asked = 0; asked < 3; asked += 1) expect(await askAndRest(model)).toBe("Here");
    expect({ connections: sockets.size, sent: model.sent }).toEqual({ connections: 1, sent: 3 });
  });

  it("is opened for each concurrent request", async () => {
    const waiting: Socket[] = [];
    const waits: OnRequest = (socket) => {
      waiting.push(socket);
      if (waiting.length === 20) for (const each of waiting) answers(each);
    };
    const { url, sockets } = await server(...Array<OnRequest>(20).fill(waits));
    const model = modelAt(url);
    await Promise.all(Array.from({ length: 20 }, () => model.ask()));
    expect(sockets.size).toBe(20);
  });

  it.each([
    ["resets", resets],
    ["closes", closes],
  ])(
    "that its server %s when the next request arrives costs no retry: the request is sent again, and counted",
    async (_how, dies) => {
      const { url, sockets } = await server(answers, dies, answers);
      const model = modelAt(url);
      await askAndRest(model);
      expect(await model.ask({ retries: 0 })).toBe("Here");
      expect({ connections: sockets.size, sent: model.sent }).toEqual({ connections: 2, sent: 3 });
    },
  );

  it("of a proxy may break in the same way", async () => {
    const { url } = await server(answers, resets, answers);
    vi.stubEnv("HTTP_PROXY", url);
    const model = modelAt("http://model.invalid/v1");
    await askAndRest(model);
    expect(await model.ask({ retries: 0 })).toBe("Here");
  });

  it("that breaks again in the second try is a normal failure", async () => {
    const { url } = await server(answers, resets, resets, answers);
    const model = modelAt(url);
    await askAndRest(model);
    await expect(model.ask({ retries: 0 })).rejects.toMatchObject({ code: "model_unavailable" });
    expect(model.sent).toBe(3);
  });

  it.each([
    ["was new", [resets]],
    ["had begun to answer", [answers, breaksOff]],
  ])("that %s is no reason to ask again at once", async (_which, ways) => {
    const { url } = await server(...ways, answers);
    const model = modelAt(url);
    for (const _before of ways.slice(1)) await askAndRest(model);
    await expect(model.ask({ retries: 0 })).rejects.toMatchObject({ code: "model_unavailable" });
    expect(model.sent).toBe(ways.length);
  });
});
