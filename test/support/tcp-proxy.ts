import { createServer, connect as dial, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type Fault = "cut" | "stall" | "halfOpen" | "delay";

export interface FaultOptions {
  random: () => number;
  /** One of them is chosen at random each time. Repeat one to make it more likely. */
  kinds?: Fault[];
  /** Average pause between two faults; the actual one is 50 % to 150 % of it. */
  everyMs?: number;
  /** The longest stall, in ms. */
  stallMs?: number;
}

export type TcpProxy = Awaited<ReturnType<typeof tcpProxy>>;

/** A network that fails on demand: a TCP proxy on a free port in front of the server at this URL. */
export async function tcpProxy(serverUrl: string) {
  const target = new URL(serverUrl);
  const links = new Set<Link>();
  let stalled = false;
  let isRefusing = false;
  let delayMs = 0;

  const server = createServer((client) => {
    if (isRefusing) return void client.resetAndDestroy();
    const link = new Link(client, dial(Number(target.port), target.hostname), () => delayMs);
    links.add(link);
    link.whenGone(() => links.delete(link));
    if (stalled) link.hold(true);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const url = new URL(serverUrl);
  url.port = String(address.port);

  function hold(isHeld: boolean): void {
    stalled = isHeld;
    for (const link of links) link.hold(isHeld);
  }

  const proxy = {
    /** The server's URL through the proxy. */
    url: url.toString(),
    get connections() {
      return links.size;
    },
    /** Destroys every connection on both sides. */
    cut(): void {
      for (const link of links) link.cut();
    },
    /** Holds all data and new connections until `resume`, without losing any. */
    stall: () => hold(true),
    resume: () => hold(false),
    /** Existing connections stay open but never pass anything again, not even a close. */
    halfOpen(): void {
      for (const link of links) link.die();
    },
    /** Cuts every connection, and each new one at once, until `accept`. */
    refuse(): void {
      isRefusing = true;
      proxy.cut();
    },
    accept(): void {
      isRefusing = false;
    },
    /** Delays every byte from now on, in both directions. */
    delay(ms: number): void {
      delayMs = ms;
    },
    /** Causes random faults until it is stopped, which repairs the network. Resolves to the number of each fault. */
    faults({ random, kinds = ["cut", "cut", "stall", "delay"], everyMs = 150, stallMs = 150 }: FaultOptions) {
      const controller = new AbortController();
      const counts: Record<Fault, number> = { cut: 0, stall: 0, halfOpen: 0, delay: 0 };
      const pause = (ms: number) => sleep(ms, undefined, { signal: controller.signal }).catch(() => {});
      const drawing = (async () => {
        while (!controller.signal.aborted) {
          await pause(everyMs * (0.5 + random()));
          const kind = kinds[Math.floor(random() * kinds.length)] ?? "cut";
          if (controller.signal.aborted) break;
          counts[kind] += 1;
          if (kind === "cut") proxy.cut();
          if (kind === "halfOpen") proxy.halfOpen();
          if (kind === "delay") proxy.delay(Math.floor(random() * 30));
          if (kind !== "stall") continue;
          proxy.stall();
          await pause(stallMs * random());
          proxy.resume();
        }
        proxy.delay(0);
        return counts;
      })();
      return {
        stop(): Promise<Record<Fault, number>> {
          controller.abort();
          return drawing;
        },
      };
    },
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      proxy.cut();
      await closed;
    },
    [Symbol.asyncDispose]: () => proxy.close(),
  };
  return proxy;
}

/** Random numbers from 0 to 1, reproducible by seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One connection: the client's half and the server's. */
class Link {
  readonly #halves: [Socket, Socket];
  #isHeld = false;
  #isDead = false;

  constructor(client: Socket, server: Socket, delayMs: () => number) {
    this.#halves = [client, server];
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      let passed = Promise.resolve();
      from.on("data", (bytes) => {
        const due = performance.now() + delayMs();
        passed = passed.then(async () => {
          const ms = due - performance.now();
          if (ms > 0) await sleep(ms);
          if (!this.#isDead && !to.destroyed) this.#write(from, to, bytes);
        });
      });
      from.on("error", () => from.destroy());
      from.on("close", () => {
        if (!this.#isDead) void passed.then(() => to.destroy());
      });
    }
  }

  #write(from: Socket, to: Socket, bytes: Buffer): void {
    if (to.write(bytes)) return;
    from.pause();
    to.once("drain", () => {
      if (!this.#isHeld) from.resume();
    });
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    for (const half of this.#halves) isHeld ? half.pause() : half.resume();
  }

  die(): void {
    this.#isDead = true;
    for (const half of this.#halves) half.resume();
  }

  cut(): void {
    for (const half of this.#halves) half.resetAndDestroy();
  }

  whenGone(gone: () => void): void {
    let open = 2;
    for (const half of this.#halves) {
      half.once("close", () => {
        open -= 1;
        if (open === 0) gone();
      });
    }
  }
}
