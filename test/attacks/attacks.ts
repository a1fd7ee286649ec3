import { once } from "node:events";
import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";

/** How often the attacker got each answer: a reason, a close code, an HTTP status. */
export type Tally = Record<string, number>;

/** What an attack gets to work with. It goes on until `isOver`. */
export interface Field {
  /** Of the server, without a path. */
  url: string;
  isOver(): boolean;
  count(answer: string | number | undefined): void;
}

const key = "vsn=2.0.0&api_key=key-attacker";
const kilobytes = (n: number) => "x".repeat(n * 1024);

interface Attacker {
  webSocket: WebSocket;
  /** `payload` is JSON. */
  send(topic: string, event: string, payload?: string): void;
  /** Resolves with the next reply, or when the connection has ended. */
  answered(): Promise<void>;
}

/** A connection that counts the reasons of refusals, and why it was closed. */
async function attacker({ url, count }: Field): Promise<Attacker | undefined> {
  const webSocket = new WebSocket(`${url.replace("http", "ws")}/socket/websocket?${key}`);
  let wake: () => void = () => {};
  let ref = 0;
  webSocket.on("unexpected-response", (_request, response) => {
    count(response.statusCode);
    webSocket.terminate();
  });
  webSocket
    .on("error", () => {})
    .on("close", (code) => {
      if (code !== 1006) count(code);
      wake();
    });
  webSocket.on("message", (data: Buffer) => {
    const [, , , event, { status, response }] = JSON.parse(data.toString());
    if (event !== "phx_reply") return;
    count(status === "error" ? response.reason : "ok");
    wake();
  });
  await Promise.race([once(webSocket, "open"), once(webSocket, "close")]).catch(() => {});
  if (webSocket.readyState !== WebSocket.OPEN) return undefined;
  return {
    webSocket,
    send(topic, event, payload = "{}") {
      ref += 1;
      if (webSocket.readyState === WebSocket.OPEN) webSocket.send(`["1","${ref}","${topic}","${event}",${payload}]`);
    },
    answered: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
        if (webSocket.readyState !== WebSocket.OPEN) resolve();
      }),
  };
}

/** Runs `work` on many connections at the same time, each again and again. */
async function each(field: Field, connections: number, work: (one: Attacker, n: number) => Promise<void>) {
  const run = async (n: number) => {
    const one = await attacker(field);
    while (one && !field.isOver() && one.webSocket.readyState === WebSocket.OPEN) await work(one, n);
    one?.webSocket.terminate();
  };
  await Promise.all(Array.from({ length: connections }, (_, n) => run(n)));
}

const conversation = (n: number | string) => `conversation:attack-${n}`;

async function joined(one: Attacker, topic: string): Promise<void> {
  one.send(topic, "phx_join");
  await one.answered();
}

/** Sends one event without end, each as soon as the one before is answered. */
function flood(connections: number, event: string, payload: string) {
  const known = new WeakSet<Attacker>();
  return (field: Field) =>
    each(field, connections, async (one, n) => {
      if (!known.has(one)) await joined(one, conversation(n));
      known.add(one);
      one.send(conversation(n), event, payload);
      await one.answered();
    });
}

// The machine has few cores: the attacker should not spend its time on making frames.
const large = `{"content":"${kilobytes(1000)}"}`;
const larger = `{"content":"${kilobytes(1100)}"}`;
const sizeable = `{"context":{"text":"${kilobytes(60)}"}}`;
const nested = `{"context":{"list":[${"[],".repeat(300_000)}[]]}}`;
const longTopic = kilobytes(50);

export const attacks: Record<string, (field: Field) => Promise<void>> = {
  "messages of a megabyte": flood(8, "message", large),

  "a megabyte of nested lists": flood(4, "set_context", nested),

  async "frames that are too large, and reconnects"(field) {
    while (!field.isOver()) {
      const one = await attacker(field);
      one?.send("phoenix", "heartbeat", larger);
      if (one) await once(one.webSocket, "close");
      else await wait(5);
    }
  },

  async "full queues"(field) {
    await each(field, 10, async (one, n) => {
      for (let at = 0; at < 100; at += 1) one.send(conversation(`${n}-${at}`), "phx_join");
      for (let at = 0; at < 300; at += 1) one.send(conversation(`${n}-${at % 100}`), "set_context", sizeable);
      while (one.webSocket.bufferedAmount > 0 && !field.isOver()) await wait(10);
    });
  },

  async "requests whose answers are not read"(field) {
    await each(field, 10, async (one) => {
      one.webSocket.pause();
      for (let at = 0; at < 100; at += 1) one.send(longTopic, "phx_leave");
      await wait(20);
      // Its close can only be heard by reading.
      if (one.webSocket.bufferedAmount > 1_000_000) {
        one.webSocket.resume();
        await wait(500);
      }
    });
  },

  async "pings whose pongs are not read"(field) {
    const ping = Buffer.alloc(125);
    await each(field, 10, async ({ webSocket }) => {
      webSocket.pause();
      for (let at = 0; at < 500; at += 1) webSocket.ping(ping);
      await wait(20);
      field.count("ignored");
    });
  },

  async "frames that are never finished"(field) {
    const head = Buffer.from([0x01, 0xff, 0, 0, 0, 0, 0, 0x0f, 0, 0, 1, 2, 3, 4]);
    const begun = new WeakSet<Attacker>();
    await each(field, 100, async (one) => {
      // `ws` has no way to send a part of a frame.
      if (!begun.has(one)) Object(one.webSocket)._socket.write(Buffer.concat([head, Buffer.alloc(900_000)]));
      begun.add(one);
      await wait(100);
    });
  },

  async "300 devices that join one conversation again and again"(field) {
    await each(field, 290, async (one) => {
      await joined(one, conversation("crowd"));
      await wait(200);
    });
  },

  async "50 devices that type"(field) {
    const inside = new WeakSet<Attacker>();
    let typing = false;
    await each(field, 50, async (one) => {
      if (!inside.has(one)) await joined(one, conversation("typing"));
      inside.add(one);
      typing = !typing;
      one.send(conversation("typing"), "typing", `{"typing":${typing}}`);
      await one.answered();
    });
  },

  async "long queries"(field) {
    const query = "a[]=&".repeat(3_000);
    await hammer(field, 20, `/socket/longpoll?${query}vsn=2.0.0&api_key=wrong`);
  },

  async "POSTs that are never finished"(field) {
    const { token = "" } = await longPoll(field, "");
    const begin = async () => {
      while (!field.isOver()) {
        const post = request(`${field.url}/socket/longpoll?${key}&token=${token}`, { method: "POST" });
        post.on("error", () => {}).on("response", ({ statusCode }) => field.count(statusCode));
        post.write(kilobytes(900));
        await wait(500);
        post.destroy();
      }
    };
    await Promise.all(Array.from({ length: 20 }, begin));
  },

  async "long poll sessions whose messages nobody fetches"(field) {
    while (!field.isOver()) {
      const { token } = await longPoll(field, "");
      if (token === undefined) break;
      const frames = Array.from({ length: 20 }, (_, n) =>
        JSON.stringify(["1", `${n}`, kilobytes(50), "phx_leave", {}]),
      );
      for (let at = 0; at < 3; at += 1) field.count(`${(await longPoll(field, token, frames.join("\n"))).status}`);
    }
  },
};

async function hammer(field: Field, connections: number, path: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const work = async () => {
    while (!field.isOver()) field.count((await get(`${field.url}${path}`, agent)).status);
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
}

/** The body's status: long poll's answers are HTTP 200. */
async function get(url: string, agent?: Agent, body?: string): Promise<{ status?: number; token?: string }> {
  const headers = { "content-type": "application/x-ndjson" };
  const asked = request(url, { agent, method: body === undefined ? "GET" : "POST", headers });
  asked.end(body);
  const [response] = await once(asked, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return text === "" ? { status: response.statusCode } : JSON.parse(text);
}

function longPoll({ url }: Field, token: string, body?: string) {
  return get(`${url}/socket/longpoll?${key}${token && `&token=${token}`}`, undefined, body);
}
