import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import type { Reply } from "./model-replies.ts";
import { fillSchema, type JsonSchema } from "./schema-filler.ts";
import { watch } from "./watch.ts";

export type Body = Record<string, unknown>;

/** One request, as scripts and tests see it. */
export interface ProviderRequest {
  body: Body;
  headers: IncomingHttpHeaders;
  user: string;
  system: string;
  /** What the reply has to look like, if the request says so. */
  schema: JsonSchema | undefined;
  /** `performance.now()` at arrival. */
  at: number;
  closedByClientAt: number | undefined;
  closed: Promise<void>;
}

/** The HTTP API of a provider. */
export interface Wire {
  path: string;
  contentType: string;
  request(body: Body): Pick<ProviderRequest, "user" | "system" | "schema">;
  error(status: number, message: string): object;
  /** What a streamed reply consists of, each part as it is written. */
  opening(reply: Reply, request: ProviderRequest): string;
  reasoning(text: string): string;
  text(text: string): string;
  /** A whole structured reply. */
  json(value: unknown, request: ProviderRequest): string;
  ending(reply: Reply, request: ProviderRequest, words: number): string;
  errorInStream(message: string): string;
}

type Script = (request: ProviderRequest) => Reply | undefined;

/** A server that speaks a provider's API and replies as scripted. */
export async function startProviderServer(wire: Wire) {
  const requests: ProviderRequest[] = [];
  const watched = watch();
  /** Responses that this server cut. */
  const cut = new WeakSet<ServerResponse>();
  let script: Script = () => undefined;
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server has a port

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await text(incoming)) as Body;
    if (incoming.url !== wire.path) throw new Error(`unexpected path ${incoming.url}`);
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const gone = new AbortController();
    const request: ProviderRequest = {
      ...{ body, headers: incoming.headers, at: performance.now(), closedByClientAt: undefined, closed },
      ...wire.request(body),
    };
    response.once("close", () => {
      if (!response.writableFinished && !cut.has(response)) request.closedByClientAt = performance.now();
      gone.abort();
      resolve();
    });
    requests.push(request);
    watched.notify();
    const reply = script(request) ?? (request.schema ? {} : { text: `Answer to: ${request.user}` });
    await send(request, reply, response, gone.signal).catch((error: unknown) => {
      if (!gone.signal.aborted) throw error;
    });
  }

  async function send(request: ProviderRequest, reply: Reply, response: ServerResponse, gone: AbortSignal) {
    const stall = async () => void (await new Promise((resolve) => gone.addEventListener("abort", resolve)));
    if (reply.stallAfter === "request") return stall();
    if (reply.cutAfter === "request") return destroy();
    if (reply.status !== undefined && reply.status >= 400) {
      response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
      return void response.end(JSON.stringify(wire.error(reply.status, reply.error?.message ?? "no")));
    }
    response.writeHead(200, { "content-type": wire.contentType, ...reply.headers });
    response.flushHeaders();
    if (reply.rawBody !== undefined) return void response.end(reply.rawBody);
    response.write(wire.opening(reply, request));
    for (const thought of reply.reasoning ?? []) response.write(wire.reasoning(thought));
    const value = reply.json ?? (request.schema && reply.text === undefined ? fillSchema(request.schema) : undefined);
    if (value !== undefined) response.write(wire.json(value, request));
    const chunks = reply.chunks ?? reply.text?.match(/\s*\S+/g) ?? [];
    for (const [index, chunk] of chunks.entries()) {
      if (await misbehaves(index)) return;
      if (index > 0 && reply.chunkDelayMs) await sleep(reply.chunkDelayMs, undefined, { signal: gone });
      await reply.gate?.pass(gone);
      response.write(wire.text(chunk));
    }
    if (await misbehaves(chunks.length)) return;
    await reply.gate?.pass(gone);
    if (reply.finishReason === null) return void response.end();
    response.end(wire.ending(reply, request, chunks.length));

    /** Returns true if the reply has ended. */
    async function misbehaves(sent: number): Promise<boolean> {
      if (reply.inject?.after === sent) response.write(reply.inject.raw);
      if (reply.stallAfter === sent) await stall();
      if (reply.cutAfter !== sent) return false;
      await sleep(5, undefined, { signal: gone }); // so that what was written is sent first
      destroy();
      return true;
    }

    function destroy(): void {
      cut.add(response);
      response.destroy();
    }
  }

  return {
    url,
    requests,
    /** Sets the replies. For undefined, the server repeats the question or fills the schema. */
    answer(next: Script): void {
      script = next;
    },
    waitForRequest(matches: (request: ProviderRequest) => boolean): Promise<ProviderRequest> {
      return watched.until(
        () => requests.find(matches),
        5000,
        () => "no such request",
      );
    },
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
