import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";

import type { Config } from "../../config.ts";
import type { Log } from "../log.ts";

const defaultEndpoint = "http://localhost:4318";

/** The exporter of the settings. Headers, timeout, compression and certificates come from the environment, by the exporter itself. */
export function exporterOf(config: Config): SpanExporter {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base = defaultEndpoint, OTEL_EXPORTER_OTLP_PROTOCOL } = config;
  const url = config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? `${base.replace(/\/$/, "")}/v1/traces`;
  const protocol = config.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? OTEL_EXPORTER_OTLP_PROTOCOL;
  return protocol === "http/json" ? new JsonExporter({ url }) : new ProtobufExporter({ url });
}

/** Counts what is sent and lost, and logs when a collector stops to take spans and when it takes them again. */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Log;
  #isFailing = false;
  sent = 0;
  lost = 0;

  constructor(exporter: SpanExporter, log: Log) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter["export"]>[1]): void {
    this.#exporter.export(spans, (result) => {
      const hasFailed = result.error !== undefined || result.code !== 0;
      if (hasFailed) this.lost += spans.length;
      else this.sent += spans.length;
      if (hasFailed && !this.#isFailing)
        this.#log.warn({ err: result.error }, "traces cannot be sent; they are dropped");
      if (!hasFailed && this.#isFailing) this.#log.info("traces are sent again");
      this.#isFailing = hasFailed;
      done(result);
    });
  }

  forceFlush = (): Promise<void> => this.#exporter.forceFlush?.() ?? Promise.resolve();
  shutdown = (): Promise<void> => this.#exporter.shutdown();
}
