import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";

export type Received = { json: unknown } | { bin: string } | { close: number; reason: string };

const HEARTBEAT_TOPIC = "phoenix";

/** A WebSocket client that sends raw frames and queues what it receives. */
export async function rawClient(url: string, vsn: string | null = "2.0.0", options: ClientOptions = {}) {
  const query = vsn === null ? "" : `?vsn=${vsn}`;
  const webSocket = new WebSocket(`${url}/websocket${query}`, options);
  const inbox: Received[] = [];
  const waiting: (() => void)[] = [];
  const hear = (received: Received) => {
    inbox.push(received);
    for (const wake of waiting.splice(0)) wake();
  };
  webSocket.on("message", (data: Buffer, isBinary) => {
    hear(isBinary ? { bin: data.toString("hex") } : { json: JSON.parse(data.toString()) });
  });
  webSocket.on("close", (close, reason) => hear({ close, reason: reason.toString() }));
  webSocket.on("error", () => {});
  await once(webSocket, "open");

  /** The next frame or close. */
  async function next(): Promise<Received> {
    for (;;) {
      const received = inbox.shift();
      if (received) return received;
      await new Promise<void>((wake) => waiting.push(wake));
    }
  }

  function send(...frames: unknown[]): void {
    for (const frame of frames) webSocket.send(JSON.stringify(frame));
  }

  /** The next decoded frame. Anything else is returned as is, so that the test's assertion shows it. */
  async function frame(): Promise<unknown> {
    const received = await next();
    return "json" in received ? received.json : received;
  }

  let beats = 0;
  /** Sends a heartbeat and returns everything received before its reply. If no work is pending, that is everything there is. */
  async function settled(): Promise<unknown[]> {
    beats += 1;
    const ref = `beat-${beats}`;
    send(
      vsn?.startsWith("2.")
        ? [null, ref, HEARTBEAT_TOPIC, "heartbeat", {}]
        : { topic: HEARTBEAT_TOPIC, event: "heartbeat", payload: {}, ref },
    );
    const heard: unknown[] = [];
    for (;;) {
      const received = await next();
      if ("json" in received && refOf(received.json) === ref) return heard;
      heard.push("json" in received ? received.json : received);
      if ("close" in received) return heard;
    }
  }

  return { webSocket, next, frame, send, settled, inbox };
}

function refOf(json: unknown): unknown {
  return Array.isArray(json) ? json[1] : (json as { ref?: unknown }).ref;
}
