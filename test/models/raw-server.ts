import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { listen } from "./support.ts";

/** Bytes to send; a number is a pause in ms; `reset` resets the connection, `hang` keeps it open. */
export type Step = string | Buffer | number | "reset" | "hang";

export interface RawReply {
  status?: number;
  headers?: Record<string, string>;
  /** Then the body ends in order. */
  steps: Step[];
}

/** A server whose replies are given byte for byte, by the path that is asked for. */
export async function rawServer() {
  const replies = new Map<string, RawReply[]>();
  const open = new Set<ServerResponse>();
  const onRequest: RequestListener = (request, response) => {
    open.add(response);
    response.once("close", () => open.delete(response));
    request.resume();
    request.once("end", () => void send(response, next(replies.get(request.url ?? ""))));
  };
  const server = createServer(onRequest);
  const url = await listen(server);
  return {
    /** The base URL for these replies. The last one is given again and again. */
    serves(...given: RawReply[]): string {
      const path = `/${replies.size}`;
      replies.set(`${path}/chat/completions`, given);
      return url + path;
    },
    close() {
      for (const response of open) response.destroy();
      server.close();
    },
  };
}

function next(replies: RawReply[] = []): RawReply | undefined {
  return replies.length > 1 ? replies.shift() : replies[0];
}

async function send(response: ServerResponse, reply: RawReply | undefined): Promise<void> {
  if (!reply) throw new Error("There is no reply for this path.");
  response.writeHead(reply.status ?? 200, { "content-type": "text/event-stream", ...reply.headers });
  response.flushHeaders();
  for (const step of reply.steps) {
    if (response.destroyed || step === "hang") return;
    if (step === "reset") return void response.socket?.resetAndDestroy();
    if (typeof step === "number") await sleep(step);
    else response.write(step);
  }
  response.end();
}
