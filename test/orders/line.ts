import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

export type Line = Awaited<ReturnType<typeof line>>;

/** A proxy between one device and the server, which may change its port. While it is cut, new connections wait. */
export async function line(serverUrl: () => string) {
  const open = new Set<Socket>();
  const waiting = new Set<Socket>();
  let isCut = false;
  let cutsNext = false;

  const server = createServer((near) => {
    near.on("error", () => near.destroy());
    near.on("close", () => waiting.delete(near));
    if (isCut) waiting.add(near);
    else forward(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  function forward(near: Socket): void {
    const { port, hostname } = new URL(serverUrl());
    const far = dial(Number(port), hostname);
    open.add(near);
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on("data", (bytes) => {
      far.write(bytes);
      if (cutsNext) cut();
    });
    far.on("data", (bytes) => void near.write(bytes));
    far.on("error", () => far.destroy());
    far.on("close", () => near.destroy());
    near.on("close", () => {
      open.delete(near);
      far.end(); // what was sent before the cut still arrives
    });
  }

  function cut(): void {
    isCut = true;
    cutsNext = false;
    for (const near of open) near.destroy();
  }

  return {
    // A TCP server has an address with a port.
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/socket`,
    cut,
    /** Cuts after the client's next bytes have passed. */
    cutBehindNext(): void {
      cutsNext = true;
    },
    mend(): void {
      isCut = false;
      for (const near of waiting) forward(near);
      waiting.clear();
    },
    async close(): Promise<void> {
      server.close();
      for (const near of [...open, ...waiting]) near.destroy();
    },
  };
}
