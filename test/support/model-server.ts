import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { faults, type Reply } from "./model-replies.ts";
import { type ModelRequest, modelRequest } from "./model-request.ts";
import { sendReply } from "./model-wire.ts";
import { refuseRequest } from "./request-rules.ts";
import { fillSchema } from "./schema-filler.ts";
import { watch } from "./watch.ts";

export { gate } from "./gate.ts";
export { cutAfter, faults, huge, type Reply, rateLimited, slowDrip, stallAfter } from "./model-replies.ts";
export { historyFlaws, type ModelRequest } from "./model-request.ts";

export interface ModelServerOptions {
  port?: number;
  models?: string[];
  /** Models that support structured output. Others answer 400, like OpenAI's older models. */
  jsonSchema?: (model: string) => boolean;
  /** Whether to answer 400 to what OpenAI would refuse. Default: true. */
  checkRequests?: boolean;
}

type Answer = string | Reply;
type Script = Answer | ((request: ModelRequest) => Answer | Promise<Answer>);
type Handler = (request: ModelRequest) => Answer | undefined | Promise<Answer | undefined>;
type Matches = (request: ModelRequest) => boolean;

export type ModelServer = Awaited<ReturnType<typeof startModelServer>>;

/**
 * An OpenAI-compatible server on a free port. Replies come from the queue of `next`, otherwise from the function given to
 * `answer`, otherwise from the server itself.
 */
export async function startModelServer(options: ModelServerOptions = {}) {
  const { port = 0, models = ["gpt-test"], jsonSchema = () => true, checkRequests = true } = options;
  const requests: ModelRequest[] = [];
  const watched = watch();
  let queue: { script: Script; matches: Matches }[] = [];
  let handler: Handler = () => undefined;

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  // A TCP server has an address with a port.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.socket?.setNoDelay(true);
    const path = new URL(incoming.url ?? "/", url).pathname;
    if (incoming.method === "GET" && path === "/v1/models") return json(response, modelList(models));
    if (incoming.method !== "POST" || path !== "/v1/chat/completions") return json(response, notFound(path), 404);
    const rawBody = await text(incoming);
    const { promise: closed, resolve: ended } = Promise.withResolvers<void>();
    const request = modelRequest(requests.length, incoming.headers, rawBody, closed);
    const gone = watchClose(response, request, ended);
    requests.push(request);
    watched.notify();
    await sendReply(request, await replyTo(request), { response, gone });
  }

  async function replyTo(request: ModelRequest): Promise<Reply> {
    const error = checkRequests ? refuseRequest(request) : undefined;
    if (error) return { status: 400, error };
    if (request.responseFormat?.type === "json_schema" && !jsonSchema(request.model))
      return faults.responseFormatUnsupported;
    const index = queue.findIndex(({ matches }) => matches(request));
    const [queued] = index >= 0 ? queue.splice(index, 1) : [];
    const script = queued?.script ?? handler;
    const answer = typeof script === "function" ? await script(request) : script;
    return typeof answer === "string" ? { text: answer } : (answer ?? smartReply(request));
  }

  return {
    /** For `OPENAI_BASE_URL`. */
    url,
    requests,
    /** Queues replies to the next requests; each is used once. */
    next(...scripts: Script[]): void {
      for (const script of scripts) queue.push({ script, matches: () => true });
    },
    /** Like `next`, but only for requests that match: `nextFor(isText, "Hello.")`. */
    nextFor(matches: Matches, ...scripts: Script[]): void {
      for (const script of scripts) queue.push({ script, matches });
    },
    /** Sets the replies to all requests that the queue has none for. Undefined leaves it to the server. */
    answer(next: Handler): void {
      handler = next;
    },
    /** Forgets scripts and requests. */
    reset(): void {
      queue = [];
      handler = () => undefined;
      requests.length = 0;
    },
    /** The nth request (from 1), or the first that matches, now or later. */
    waitForRequest(wanted: number | Matches, timeoutMs = 10_000): Promise<ModelRequest> {
      const find = () => (typeof wanted === "number" ? requests[wanted - 1] : requests.find(wanted));
      const seen = () => requests.map(({ index, model, user }) => `${index}: ${model} ${user.slice(0, 60)}`).join("; ");
      return watched.until(find, timeoutMs, () => `no such request; saw ${seen()}`);
    },
    /** Ends every connection. */
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    [Symbol.asyncDispose](): Promise<void> {
      return this.close();
    },
  };
}

export const isText: Matches = (request) => !request.structured;
export const isStructured: Matches = (request) => request.structured;

/** A base URL at which nothing listens. */
export async function refusingUrl(): Promise<string> {
  const server = await startModelServer();
  await server.close();
  return server.url;
}

/** The default reply: JSON that satisfies the schema, or the question repeated. */
export function smartReply(request: ModelRequest): Reply {
  if (request.schema) return { json: fillSchema(request.schema) };
  if (request.structured) return { json: { answer: request.user } };
  return { text: `Answer to: ${request.user}` };
}

/** Aborts at the end of the exchange, and records on the request if the client ended it. */
function watchClose(response: ServerResponse, request: ModelRequest, ended: () => void): AbortSignal {
  const controller = new AbortController();
  const destroy = response.destroy.bind(response);
  let isDestroyedHere = false;
  response.destroy = (error?: Error) => {
    isDestroyedHere = true;
    return destroy(error);
  };
  response.once("close", () => {
    const isCutByClient = !response.writableFinished && !isDestroyedHere;
    if (isCutByClient) request.closedByClientAt = performance.now();
    controller.abort(new Error("the exchange is over"));
    ended();
  });
  return controller.signal;
}

function json(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function modelList(models: string[]) {
  return { object: "list", data: models.map((id) => ({ id, object: "model", created: 1767322000, owned_by: "test" })) };
}

function notFound(path: string) {
  return {
    error: { message: `Unknown request URL: ${path}`, type: "invalid_request_error", param: null, code: "unknown_url" },
  };
}
