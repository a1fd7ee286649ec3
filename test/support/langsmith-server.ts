import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

import { langSmithDatasets } from "./langsmith-datasets.ts";
import { parseMultipart } from "./multipart.ts";
import { watch } from "./watch.ts";

/** A run with everything that was sent about it. */
export interface TracedRun {
  id: string;
  name: string;
  run_type: string;
  trace_id: string;
  dotted_order: string;
  parent_run_id?: string;
  session_name?: string;
  start_time?: string;
  end_time?: string;
  error?: string | null;
  tags?: string[];
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  extra?: { metadata?: Record<string, unknown>; [other: string]: unknown };
  /** By name, as sent. */
  attachments?: Record<string, Buffer>;
  [other: string]: unknown;
}

export interface Feedback {
  id: string;
  run_id?: string;
  key: string;
  score?: number | null;
  comment?: string;
  [other: string]: unknown;
}

export interface TraceRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  /** As received. */
  bytes: number;
  /** Decompressed, to search for what must never be sent. */
  text: string;
}

/** `dead` accepts requests and never answers; `refuse` closes each connection; a number is the status of every response. */
export type Behaviour = "ok" | "dead" | "refuse" | number;

export interface LangSmithServerOptions {
  behaviour?: Behaviour;
  /** Multipart (default), or only `/runs/batch`, as older servers. */
  multipart?: boolean;
  compression?: "none" | "gzip" | "zstd";
}

export type LangSmithServer = Awaited<ReturnType<typeof startLangSmithServer>>;

/** A LangSmith server on a free port, which assembles the runs that clients send. */
export async function startLangSmithServer(options: LangSmithServerOptions = {}) {
  const { multipart = true, compression = "none" } = options;
  const runs = new Map<string, TracedRun>();
  const feedback: Feedback[] = [];
  const requests: TraceRequest[] = [];
  const projectId = crypto.randomUUID();
  const { answer: fromDatasets, ...datasets } = langSmithDatasets();
  const watched = watch();
  const project = { id: projectId, name: "test", tenant_id: crypto.randomUUID() };
  let behaviour = options.behaviour ?? "ok";

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: Error) => answer(response, 422, { detail: error.message }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server has an address with a port.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (behaviour === "refuse") return void incoming.destroy();
    const sent = await buffer(incoming);
    const body = decompress(sent, incoming.headers["content-encoding"]);
    const address = new URL(incoming.url ?? "/", url);
    const path = address.pathname;
    const { method = "", headers } = incoming;
    requests.push({ method, path, headers, bytes: sent.length, text: body.toString() });
    if (behaviour === "dead") return;
    if (typeof behaviour === "number") return answer(response, behaviour, { detail: "scripted" });
    if (method === "GET" && path === "/info") return answer(response, 200, info());
    if (method === "GET" && path === "/sessions") return answer(response, 200, [project]);
    const contentType = headers["content-type"] ?? "";
    const reply = fromDatasets({ method, url: address, body, contentType });
    if (reply) return answer(response, reply.status, reply.body);
    const isTaken = take(`${method} ${path}`, body, contentType);
    watched.notify();
    if (isTaken) answer(response, 202, { message: "Accepted" });
    else answer(response, 404, { detail: "Not Found" });
  }

  function take(route: string, body: Buffer, contentType: string): boolean {
    if (route === "POST /runs/multipart") {
      if (!multipart) return false;
      for (const { name, data } of parseMultipart(body, contentType)) takePart(name, data);
    } else if (route === "POST /runs/batch") {
      const { post = [], patch = [] } = JSON.parse(body.toString());
      for (const run of [...post, ...patch]) merge(run.id, run);
    } else if (route === "POST /runs") {
      const run = JSON.parse(body.toString());
      merge(run.id, run);
    } else if (route.startsWith("PATCH /runs/")) {
      merge(route.slice("PATCH /runs/".length), JSON.parse(body.toString()));
    } else if (route === "POST /feedback") {
      feedback.push(JSON.parse(body.toString()));
    } else {
      return false;
    }
    return true;
  }

  /** `post.<id>`, `patch.<id>`, `post.<id>.inputs`, `attachment.<id>.<name>`, `feedback.<id>` */
  function takePart(name: string, data: Buffer): void {
    const [kind, id = "", field] = name.split(".");
    if (kind === "feedback") feedback.push(JSON.parse(data.toString()));
    else if (kind === "attachment") merge(id, { attachments: { ...runs.get(id)?.attachments, [field ?? ""]: data } });
    else if (field) merge(id, { [field]: JSON.parse(data.toString()) });
    else merge(id, JSON.parse(data.toString()));
  }

  /** Fields that a later message leaves out, or sends as null, do not change. */
  function merge(id: string, news: Partial<TracedRun>): void {
    const said = Object.entries(news).filter(([, value]) => value !== undefined && value !== null);
    // A patch may arrive before its post. The run is complete when both are there.
    runs.set(id, { ...runs.get(id), ...Object.fromEntries(said), id } as TracedRun);
  }

  function info() {
    return {
      version: "0.18.0",
      instance_flags: {
        gzip_body_enabled: compression === "gzip",
        zstd_compression_enabled: compression === "zstd",
        dataset_examples_multipart_enabled: true,
      },
      batch_ingest_config: {
        use_multipart_endpoint: multipart,
        scale_up_qsize_trigger: 1000,
        scale_up_nthreads_limit: 16,
        scale_down_nempty_trigger: 4,
        size_limit: 100,
        size_limit_bytes: 20_971_520,
      },
    };
  }

  return {
    /** For `LANGSMITH_ENDPOINT`. */
    url,
    /** The id of every project; feedback must contain it. */
    projectId,
    runs,
    feedback,
    ...datasets,
    requests,
    /** Changes the behaviour from now on. */
    behave(next: Behaviour): void {
      behaviour = next;
    },
    /** The first run that matches, now or later. For an ended one: `(run) => run.end_time !== undefined`. */
    waitForRun(matches: (run: TracedRun) => boolean, timeoutMs = 10_000): Promise<TracedRun> {
      const seen = () => [...runs.values()].map(({ name, end_time }) => `${name}${end_time ? "" : " (running)"}`);
      return watched.until(
        () => [...runs.values()].find(matches),
        timeoutMs,
        () => `no such run; saw ${seen()}`,
      );
    },
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

function decompress(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === "gzip") return gunzipSync(body);
  return encoding === "zstd" ? zstdDecompressSync(body) : body;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
