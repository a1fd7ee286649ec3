import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";

const clients = 5;
const everyMs = 20;

/** Other people: they send heartbeats, and note how long each takes to be answered, in ms. */
export async function witnesses(url: string) {
  let times: number[] = [];
  let isOver = false;

  async function beat(): Promise<void> {
    const webSocket = new WebSocket(`${url.replace("http", "ws")}/socket/websocket?vsn=2.0.0&api_key=key-a`);
    await once(webSocket, "open");
    while (!isOver) {
      const sentAt = performance.now();
      webSocket.send('[null,"1","phoenix","heartbeat",{}]');
      await once(webSocket, "message");
      times.push(performance.now() - sentAt);
      await wait(everyMs);
    }
    webSocket.close();
  }

  const beating = Promise.all(Array.from({ length: clients }, beat));
  return {
    /** The times since the last call. */
    times: () => times.splice(0, times.length),
    async [Symbol.asyncDispose]() {
      isOver = true;
      await beating;
      times = [];
    },
  };
}
