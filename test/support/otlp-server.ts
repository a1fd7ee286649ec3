import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

import type { Behaviour } from "./langsmith-server.ts";
import { watch } from "./watch.ts";

/** A value of OTLP's JSON form. */
interface Value {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values?: Value[] };
}

type Fields = { key: string; value: Value }[];

/** A span as OTLP's JSON has it, with its attributes as an object. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Undefined for a root. */
  parentSpanId?: string;
  name: string;
  kind: number;
  /** In nanoseconds. */
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code?: number; message?: string };
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  links: { traceId: string; spanId: string; attributes: Record<string, unknown> }[];
  resource: Record<string, unknown>;
}

export interface TraceExport {
  path: string;
  headers: IncomingMessage["headers"];
  /** Decompressed. */
  body: Buffer;
}

export type OtlpServer = Awaited<ReturnType<typeof startOtlpServer>>;

/** An OpenTelemetry collector on a free port, which takes traces over HTTP and decodes those that come as JSON. */
export async function startOtlpServer() {
  const spans: ReceivedSpan[] = [];
  const requests: TraceExport[] = [];
  const watched = watch();
  let behaviour: Behaviour = "ok";

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: Error) => response.writeHead(400).end(error.message));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server has an address with a port.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (behaviour === "refuse") return void incoming.destroy();
    const sent = await buffer(incoming);
    const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    requests.push({ path: incoming.url ?? "", headers: incoming.headers, body });
    watched.notify();
    if (behaviour === "dead") return;
    if (typeof behaviour === "number") return void response.writeHead(behaviour).end();
    const type = incoming.headers["content-type"] ?? "";
    if (type === "application/json") spans.push(...spansIn(JSON.parse(body.toString())));
    watched.notify();
    response.writeHead(200, { "content-type": type }).end(type === "application/json" ? "{}" : "");
  }

  return {
    /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
    url,
    spans,
    requests,
    /** Changes the behaviour from now on. */
    behave(next: Behaviour): void {
      behaviour = next;
    },
    /** The first span that matches, now or later. */
    waitForSpan(matches: (span: ReceivedSpan) => boolean, timeoutMs = 10_000): Promise<ReceivedSpan> {
      const seen = () => spans.map(({ name }) => name).join(", ");
      return watched.until(
        () => spans.find(matches),
        timeoutMs,
        () => `no such span; saw ${seen()}`,
      );
    },
    waitForRequest(timeoutMs = 10_000): Promise<TraceExport> {
      return watched.until(
        () => requests[0],
        timeoutMs,
        () => "no request",
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

interface Sent {
  resourceSpans?: {
    resource?: { attributes?: Fields };
    scopeSpans?: { spans?: SentSpan[] }[];
  }[];
}

interface SentSpan extends Omit<ReceivedSpan, "attributes" | "events" | "links" | "resource"> {
  attributes?: Fields;
  events?: { name: string; attributes?: Fields }[];
  links?: { traceId: string; spanId: string; attributes?: Fields }[];
}

function spansIn({ resourceSpans = [] }: Sent): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        ...span,
        status: span.status ?? {},
        attributes: plain(span.attributes),
        events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: plain(attributes) })),
        links: (span.links ?? []).map((link) => ({ ...link, attributes: plain(link.attributes) })),
        resource: plain(resource?.attributes),
      })),
    ),
  );
}

function plain(fields: Fields = []): Record<string, unknown> {
  return Object.fromEntries(fields.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): unknown {
  if (arrayValue) return (arrayValue.values ?? []).map(plainValue);
  return stringValue ?? boolValue ?? doubleValue ?? (intValue === undefined ? undefined : Number(intValue));
}
