import type { OtlpServer, ReceivedSpan } from "../support/otlp-server.ts";

/** The settings of a server that sends its spans at once, in a form that tests can read. */
export function tracedTo(otlp: OtlpServer): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_BSP_SCHEDULE_DELAY: "1",
  };
}

/** The span of an attempt of a turn. */
export function attemptOf(otlp: OtlpServer, turnId: string, attempt = 1): Promise<ReceivedSpan> {
  return otlp.waitForSpan(
    ({ name, attributes }) =>
      name.startsWith("invoke_agent") && attributes["turn.id"] === turnId && attributes["turn.attempt"] === attempt,
  );
}

/** The spans of a turn's attempt that has ended: those within it end first. */
export async function spansOf(otlp: OtlpServer, turnId: string, attempt = 1): Promise<ReceivedSpan[]> {
  await attemptOf(otlp, turnId, attempt);
  return otlp.spans.filter(
    ({ attributes }) => attributes["turn.id"] === turnId && attributes["turn.attempt"] === attempt,
  );
}

export function msOf({ startTimeUnixNano, endTimeUnixNano }: ReceivedSpan): number {
  return Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6;
}
