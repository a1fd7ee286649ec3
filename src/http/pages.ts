import type { IncomingMessage, ServerResponse } from "node:http";

import { send, text } from "./answers.ts";
import type { Page } from "./metrics-page.ts";
import type { Readiness } from "./readiness.ts";

/** What the HTTP pages need. */
export interface Pages {
  /** Undefined if it is served on an address of its own. */
  metrics: Page | undefined;
  readiness: Readiness;
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
      return await answerReadiness(pages, response);
    case "/metrics":
      return pages.metrics ? await pages.metrics(request, response) : text(response, 404, "Not found");
    case "/asyncapi.json":
      return send(response, 200, "application/json; charset=utf-8", JSON.stringify(pages.asyncapi, null, 2));
    default:
      if (!(await pages.playground(path, response))) text(response, 404, "Not found");
  }
}

async function answerReadiness({ readiness, draining }: Pages, response: ServerResponse): Promise<void> {
  if (draining()) return text(response, 503, "draining");
  const problem = await readiness.problem();
  if (problem === undefined) text(response, 200, "ok");
  else text(response, 503, "the store does not respond");
}
