import { z } from "zod";

import { address, flag, fraction, integer, milliseconds, optional, url } from "./kinds.ts";

function protocol() {
  return optional
    .transform((value) => value?.toLowerCase())
    .pipe(
      z
        .enum(["http/protobuf", "http/json"], "expected http/protobuf or http/json; collectors take both on port 4318")
        .optional(),
    );
}

const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

/** What operators see of the server. The names of OTEL_* are those of OpenTelemetry's specification. */
export const telemetrySettings = {
  METRICS_ADDRESS: address().describe(
    "Address and port for `/metrics` alone, such as `127.0.0.1:9464`; it is then not served on PORT.",
  ),
  METRICS_TOKEN: optional.describe("If set, `/metrics` asks for it: `Authorization: Bearer …`."),
  LOG_LEVEL: optional
    .transform((value) => value?.toLowerCase() ?? "info")
    .pipe(z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]))
    .describe("Lowest level that is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`."),
  LANGSMITH_TRACING: flag()
    .transform((value) => value ?? false)
    .describe("`1` sends each turn as one trace to LangSmith. LangSmith's own variables configure it."),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(["http:", "https:"]).describe(
    "Base URL of an OpenTelemetry collector, such as `http://localhost:4318`: each turn is sent to it as one trace. OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS (also _TIMEOUT, _COMPRESSION and _CERTIFICATE) work as everywhere.",
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url(["http:", "https:"]).describe(
    "The whole URL for traces, instead of OTEL_EXPORTER_OTLP_ENDPOINT and `/v1/traces`.",
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol().describe("`http/protobuf` (the default) or `http/json`."),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol().describe("The same for traces. It wins."),
  OTEL_TRACES_EXPORTER: optional
    .transform((value) => value?.toLowerCase())
    .pipe(z.enum(["otlp", "none"]).optional())
    .describe(
      "`none` sends no traces. `otlp` sends them, by default to `http://localhost:4318`. Default: `otlp` if an endpoint is set.",
    ),
  OTEL_SDK_DISABLED: flag().describe("`1` sends no traces, whatever else is set."),
  OTEL_TRACES_SAMPLER: optional
    .transform((value) => value?.toLowerCase() ?? "parentbased_always_on")
    .pipe(z.enum(samplers))
    .describe(
      `Which turns are traced: ${samplers.map((name) => `\`${name}\``).join(", ")}. With \`parentbased_…\`, a client's \`traceparent\` decides where there is one.`,
    ),
  OTEL_TRACES_SAMPLER_ARG: fraction().describe("The share of turns for `…traceidratio`, from 0 to 1. Default: 1."),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds(5_000, 0).describe(
    "Longest time that a finished span waits to be sent, in ms.",
  ),
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds(30_000, 1).describe("How long sending spans may take, in ms."),
  OTEL_BSP_MAX_QUEUE_SIZE: integer(2_048, 1).describe("Finished spans that wait to be sent; further ones are dropped."),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer(512, 1).describe("Most spans in one request."),
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: optional
    .transform((value) => value?.toLowerCase() ?? "false")
    .pipe(z.enum(["true", "false", "no_content", "span_only", "event_only", "span_and_event"]))
    .transform((value) => ["true", "span_only", "span_and_event"].includes(value))
    .describe(
      "`true` adds what users, models and tools say to the spans. Without it, spans have no content of conversations.",
    ),
};
