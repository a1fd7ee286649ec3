import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { rawClient } from "./support/raw-client.ts";
import { serveRoom } from "./support/serve-room.ts";

const HEARTBEAT = JSON.stringify([null, "1", "phoenix", "heartbeat", {}]);

/** A client frame, masked with zeros. */
function wireFrame(firstByte: number, payload: string | Buffer, masked = true): Buffer {
  const data = Buffer.from(payload);
  const mask = masked ? Buffer.alloc(4) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from([firstByte, data.length | (masked ? 0x80 : 0)]), mask, data]);
}

/** Sends raw WebSocket bytes over TCP. Resolves with the first bytes received after the handshake. */
async function overTcp(port: number, ...chunks: Buffer[]): Promise<Buffer> {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    "GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await once(socket, "data");
  const heard: Promise<Buffer[]> = once(socket, "data");
  for (const chunk of chunks) socket.write(chunk);
  const [answer = Buffer.alloc(0)] = await heard;
  socket.destroy();
  return answer;
}

const closeCode = (answer: Buffer) => [answer[0], answer.readUInt16BE(2)];

describe("the WebSocket layer", () => {
  it("a socket is closed with 1002 if the client sends nothing", async () => {
    const { url, sockets } = await serveRoom({ limits: { idleMs: 300 } });
    const startedAt = performance.now();
    const client = await rawClient(url);
    expect(await client.next()).toEqual({ close: 1002, reason: "idle timeout" });
    expect(performance.now() - startedAt).toBeGreaterThan(290);
    await expect.poll(() => sockets.stats().sockets).toBe(0);
  });

  it("the client's frames and pings keep a socket open, the server's pushes do not", async () => {
    const { url, sockets } = await serveRoom({ limits: { idleMs: 300 } });
    const [framing, pinging, listening] = [await rawClient(url), await rawClient(url), await rawClient(url)];
    for (const client of [framing, pinging, listening]) client.send(["1", "1", "room:a", "phx_join", {}]);
    const beat = setInterval(() => {
      framing.webSocket.send(HEARTBEAT);
      pinging.webSocket.ping();
      sockets.broadcast("room:a", "tick", {});
    }, 50);
    const [code] = await once(listening.webSocket, "close");
    expect(code).toBe(1002);
    expect([framing.webSocket.readyState, pinging.webSocket.readyState]).toEqual([1, 1]);
    clearInterval(beat);
  });

  it("a ping is answered with its own data", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    const pong = once(client.webSocket, "pong");
    client.webSocket.ping("abc");
    expect(String((await pong)[0])).toBe("abc");
  });

  it("invalid UTF-8 closes with 1007, bad framing with 1002", async () => {
    const { port } = await serveRoom();
    expect(closeCode(await overTcp(port, wireFrame(0x81, Buffer.from([0xff, 0xfe]))))).toEqual([0x88, 1007]);
    expect(closeCode(await overTcp(port, wireFrame(0x81, HEARTBEAT, false)))).toEqual([0x88, 1002]);
    expect(closeCode(await overTcp(port, wireFrame(0xc1, HEARTBEAT)))).toEqual([0x88, 1002]);
  });

  it("a fragmented text frame is reassembled", async () => {
    const { port } = await serveRoom();
    const [start, rest] = [HEARTBEAT.slice(0, 9), HEARTBEAT.slice(9)];
    const answer = await overTcp(port, wireFrame(0x01, start), wireFrame(0x80, rest));
    expect(answer.subarray(2).toString()).toContain('"phx_reply"');
  });

  it("a frame at the limit is accepted; one byte more closes that socket only, with 1009", async () => {
    const { url } = await serveRoom({ limits: { frameBytes: 200 } });
    const [big, other] = [await rawClient(url), await rawClient(url)];
    const frame = (bytes: number) => {
      const [start, end] = ['[null,"1","phoenix","heartbeat",{"a":"', '"}]'];
      return start + "x".repeat(bytes - start.length - end.length) + end;
    };
    big.webSocket.send(frame(200));
    expect(await big.frame()).toMatchObject({ 1: "1", 3: "phx_reply" });
    big.webSocket.send(frame(201));
    expect(await big.next()).toMatchObject({ close: 1009 });
    expect(await other.settled()).toEqual([]);
  });

  it("a frame with too many fragments closes the socket", async () => {
    const { port } = await serveRoom();
    const fragments = Buffer.concat([
      wireFrame(0x01, "["),
      ...Array.from({ length: 2000 }, () => wireFrame(0x00, " ")),
    ]);
    expect((await overTcp(port, fragments))[0]).toBe(0x88);
  });

  it.for([1000, 1001, 3000, 4999, undefined])("a close by the client with code %s is completed", async (code) => {
    const { url, sockets } = await serveRoom();
    const client = await rawClient(url);
    client.webSocket.close(code);
    await once(client.webSocket, "close");
    await expect.poll(() => sockets.stats().sockets).toBe(0);
  });

  it("a client that disconnects during its handshake leaves nothing behind", async () => {
    let admit: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      admit = resolve;
    });
    let answer: ((result: { assigns: { name: string } }) => void) | undefined;
    const { port, sockets, url } = await serveRoom({
      connect: ({ params }) => {
        if (params.slow === undefined) return { assigns: { name: "quick" } };
        admit?.();
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "GET /socket/websocket?vsn=2.0.0&slow=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await asked;
    socket.resetAndDestroy();
    await once(socket, "close");
    answer?.({ assigns: { name: "gone" } });
    const client = await rawClient(url);
    expect(await client.settled()).toEqual([]);
    await expect.poll(() => sockets.stats().sockets).toBe(1);
  });
});
