import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import type { Registry } from "prom-client";

import { send, text } from "./answers.ts";

export type Page = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** `/metrics` for Prometheus. With a token, only for requests that bear it. */
export function metricsPage(registry: Registry, token: string | undefined): Page {
  const expected = token === undefined ? undefined : sha256(`Bearer ${token}`);
  return async (request, response) => {
    const given = sha256((request.headers.authorization ?? "").replace(/^bearer +/i, "Bearer "));
    if (expected && !timingSafeEqual(expected, given)) {
      response.setHeader("www-authenticate", "Bearer");
      return text(response, 401, "METRICS_TOKEN is set: send it as Authorization: Bearer …");
    }
    send(response, 200, registry.contentType, await registry.metrics());
  };
}

/** Answers `/metrics` and nothing else. */
export function metricsOnly(page: Page): RequestListener {
  return (request, response) => {
    const [path] = (request.url ?? "/").split("?", 1);
    const isKnown = path === "/metrics" && (request.method === "GET" || request.method === "HEAD");
    if (isKnown) page(request, response).catch(() => response.destroy());
    else text(response, 404, "Not found");
  };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
