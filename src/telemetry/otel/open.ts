import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

import type { Config } from "../../config.ts";
import type { Log } from "../log.ts";
import type { Spans } from "../spans.ts";
import { exporterOf, WatchedExporter } from "./exporter.ts";
import { GivenIds } from "./ids.ts";
import { names } from "./names.ts";
import { samplerOf } from "./sampler.ts";
import { turnSpan } from "./turn-span.ts";

/** How long a shutdown waits for the last spans. */
const closeMs = 2_000;

interface Server {
  node: string;
  version: string;
}

/** Nothing of it is registered globally. */
export function open(config: Config, { node, version }: Server, log: Log): Spans {
  const ids = new GivenIds();
  const exporter = new WatchedExporter(exporterOf(config), log);
  const service = resourceFromAttributes({
    [names.serviceName]: "conversation-channel",
    [names.serviceVersion]: version,
    [names.serviceInstance]: node,
  });
  const maxQueueSize = config.OTEL_BSP_MAX_QUEUE_SIZE;
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize,
    maxExportBatchSize: Math.min(config.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, maxQueueSize),
    scheduledDelayMillis: config.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: config.OTEL_BSP_EXPORT_TIMEOUT,
  });
  const provider = new TracerProvider({
    resource: service.merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    sampler: samplerOf(config),
    idGenerator: ids,
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer("conversation-channel", version);
  const withContent = config.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT;

  return {
    begin: (turn, resumed) => turnSpan({ tracer, ids, withContent }, turn, resumed),
    stats: () => ({ sent: exporter.sent, lost: exporter.lost }),
    async close() {
      const late = Symbol("late");
      const timeout = new Promise((resolve) => setTimeout(resolve, closeMs, late).unref());
      const closed = provider.shutdown().catch(() => {}); // the exporter has logged it
      if ((await Promise.race([closed, timeout])) === late) log.warn("the last traces were not sent in time");
    },
  };
}
