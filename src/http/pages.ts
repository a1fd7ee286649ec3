import type { IncomingMessage, ServerResponse } from "node:http";

import type { Registry } from "prom-client";

/** What the HTTP pages need. */
export interface Pages {
  registry: Registry;
  /** Rejects while something that the server depends on does not respond. */
  ready: () => Promise<void>;
  draining: () => boolean;
  asyncapi: object;
  /** Serves a file of the playground. Resolves to false if there is no such file. */
  playground: (path: string, response: ServerResponse) => Promise<boolean>;
}

/** Answers every HTTP request that is not for a socket. */
export async function servePage(pages: Pages, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = "/"] = (request.url ?? "/").split("?", 1);
  if (request.method !== "GET" && request.method !== "HEAD") return text(response, 404, "Not found");
  switch (path) {
    case "/healthz":
      return text(response, 200, "ok");
    case "/readyz":
      return await readiness(pages, response);
    case "/metrics":
      return send(response, 200, pages.registry.contentType, await pages.registry.metrics());
    case "/asyncapi.json":
      return send(response, 200, "application/json; charset=utf-8", JSON.stringify(pages.asyncapi, null, 2));
    default:
      if (!(await pages.playground(path, response))) text(response, 404, "Not found");
  }
}

async function readiness({ ready, draining }: Pages, response: ServerResponse): Promise<void> {
  if (draining()) return text(response, 503, "draining");
  try {
    await ready();
  } catch {
    return text(response, 503, "the store does not respond");
  }
  text(response, 200, "ok");
}

function text(response: ServerResponse, status: number, body: string): void {
  send(response, status, "text/plain; charset=utf-8", body);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}
