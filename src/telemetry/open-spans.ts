import type { Config } from "../config.ts";
import type { Log } from "./log.ts";
import type { Spans } from "./spans.ts";

/** Undefined if the settings ask for no traces: OpenTelemetry is not loaded then. */
export async function openSpans(config: Config, node: string, version: string, log: Log): Promise<Spans | undefined> {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT } = config;
  const endpoint = OTEL_EXPORTER_OTLP_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const isOn = OTEL_TRACES_EXPORTER === "otlp" || (endpoint !== undefined && OTEL_TRACES_EXPORTER !== "none");
  if (!isOn || OTEL_SDK_DISABLED) return undefined;
  const { open } = await import("./otel/open.ts");
  return open(config, { node, version }, log);
}
