import type { Routes } from "../../../src/phoenix/channel.ts";
import { Congestion } from "../../../src/phoenix/congestion.ts";
import { DEFAULT_LIMITS, type SocketLimits } from "../../../src/phoenix/limits.ts";
import type { Log } from "../../../src/phoenix/log.ts";
import { type Layer, Socket } from "../../../src/phoenix/socket.ts";
import { Topics } from "../../../src/phoenix/topics.ts";
import type { Transport } from "../../../src/phoenix/transport.ts";
import { Users } from "../../../src/phoenix/user.ts";
import type { Encoded, Serializer } from "../../../src/phoenix/wire/serializer.ts";
import { router } from "../../../src/transport/routes.ts";
import { type Assigns, roomChannel } from "./room-channel.ts";

/** Sockets without a network: the frames that they send are collected in a list. */
export function inProcess(log: Log, more: Routes<Assigns> = {}, limits: SocketLimits = DEFAULT_LIMITS) {
  const topics = new Topics();
  const room = roomChannel((...broadcast) => topics.broadcast(...broadcast));
  const open = new Set<Socket<Assigns>>();
  const layer: Layer<Assigns> = {
    limits,
    log,
    topics,
    users: new Users(limits),
    congestion: new Congestion((error) => log.error({ err: error }, "resume")),
    route: router({ exact: room.channel, "room:*": room.channel, ...more }),
    added: (socket) => open.add(socket),
    gone: (socket) => open.delete(socket),
  };

  function connect(serializer: Serializer, id?: string) {
    let isReading = true;
    const sent: Encoded[] = [];
    let closedWith: number | undefined;
    const transport: Transport = {
      supportsBinary: true,
      heartbeatsAcknowledge: true,
      get bufferedBytes() {
        return isReading ? 0 : unsent();
      },
      send: (data) => sent.push(data),
      close(code) {
        closedWith = code;
        queueMicrotask(() => socket.gone());
      },
      terminate() {},
      isIdle: () => false,
    };
    const socket: Socket<Assigns> = new Socket(layer, serializer, { assigns: { name: "someone" }, id }, transport);
    const unsent = () => sent.reduce((sum, { length }) => sum + length, 0);
    return {
      socket,
      sent,
      unsent,
      /** From now on, nothing that is sent leaves. */
      readsNothing() {
        sent.length = 0;
        isReading = false;
      },
      get closedWith() {
        return closedWith;
      },
      receive: (data: string | Buffer) => socket.receive(Buffer.from(data), typeof data !== "string"),
      send: (...frames: unknown[]) => {
        for (const frame of frames) socket.receive(Buffer.from(JSON.stringify(frame)), false);
      },
      /** The decoded frames sent since the last call. */
      heard: () => sent.splice(0).map((data) => (typeof data === "string" ? JSON.parse(data) : data)),
    };
  }

  return { connect, room, topics, open };
}
