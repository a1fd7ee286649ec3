import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { listen, urlOf } from "./address.ts";
import { metricsOnly, type Page } from "./metrics-page.ts";
import { type Pages, servePage } from "./pages.ts";

/** Where to listen: HOST, PORT and METRICS_ADDRESS. */
export interface Addresses {
  host: string;
  port: number;
  metrics: { host: string; port: number } | undefined;
}

export interface Sockets {
  /** True if the request was for a socket. */
  request(request: IncomingMessage, response: ServerResponse): boolean;
  /** True if the request asks for a WebSocket. Other upgrades are ignored, and the request is answered normally. */
  takesUpgrade(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** What answers before the pages. Each returns true if the request was its own. */
interface Handlers {
  sockets: Sockets;
  files: (request: IncomingMessage, response: ServerResponse) => boolean;
}

interface Log {
  error(fields: object, message: string): void;
}

export interface HttpServers {
  /** The base URL, with the actual port. */
  url: string;
  /** The base URL of `/metrics`, if it has an address of its own. */
  metricsUrl?: string;
  close(): Promise<void>;
}

const timing = {
  headersTimeout: 5_000,
  /** For uploads of files over slow lines. */
  requestTimeout: 600_000,
  /** How often Node checks for late requests. Its default is 30 s. */
  connectionsCheckingInterval: 500,
  /** Longer than the 60 s of common load balancers, which could otherwise send a request on a connection that is closing. */
  keepAliveTimeout: 75_000,
};

/** Serves the sockets, the pages and `/metrics`. Rejects with an Error that names a setting if it cannot listen. */
export async function serveHttp(
  addresses: Addresses,
  { sockets, files }: Handlers,
  { metrics, ...pages }: Omit<Pages, "metrics"> & { metrics: Page },
  log: Log,
): Promise<HttpServers> {
  const served: Pages = { ...pages, metrics: addresses.metrics ? undefined : metrics };
  const http = server(sockets.takesUpgrade, (request, response) => {
    if (files(request, response)) return;
    endIfSlow(request);
    if (sockets.request(request, response)) return;
    servePage(served, request, response).catch((error: unknown) => {
      log.error({ err: error }, "an HTTP request failed");
      response.destroy();
    });
  });
  http.on("upgrade", (request, socket, head) => sockets.upgrade(request, socket, head));
  await listen(http, addresses, { host: "HOST", port: "PORT" });
  const url = urlOf(addresses.host, http.address());
  if (!addresses.metrics) return { url, close: () => closed(http) };

  const answer = metricsOnly(metrics);
  const beside = server(
    () => false,
    (request, response) => {
      endIfSlow(request);
      answer(request, response);
    },
  );
  await listen(beside, addresses.metrics, { host: "METRICS_ADDRESS", port: "METRICS_ADDRESS" });
  return {
    url,
    metricsUrl: urlOf(addresses.metrics.host, beside.address()),
    async close() {
      await Promise.all([closed(http), closed(beside)]);
    },
  };
}

function server(takesUpgrade: (request: IncomingMessage) => boolean, listener: RequestListener) {
  const shouldUpgradeCallback = (request: IncomingMessage) => takesUpgrade(inOriginForm(request));
  return createServer({ ...timing, shouldUpgradeCallback }, (request, response) =>
    listener(inOriginForm(request), response),
  );
}

/** How long a request may take to arrive, if it brings no file. */
const requestMs = 30_000;

/** Closes the connection of a request whose body comes too slowly. */
function endIfSlow(request: IncomingMessage): void {
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  if (encoding === undefined && Number(length) === 0) return;
  const timeout = setTimeout(() => request.complete || request.socket.destroy(), requestMs);
  request.once("close", () => clearTimeout(timeout));
}

/** `GET http://host/path` means `GET /path` (RFC 9112, section 3.2.2). */
function inOriginForm<Request extends IncomingMessage>(request: Request): Request {
  const [, rest] = /^https?:\/\/[^/?#]*(.*)$/i.exec(request.url ?? "") ?? [];
  if (rest !== undefined) request.url = rest.startsWith("/") ? rest : `/${rest}`;
  return request;
}

async function closed(http: ReturnType<typeof server>): Promise<void> {
  http.closeAllConnections();
  http.close();
  await once(http, "close");
}
