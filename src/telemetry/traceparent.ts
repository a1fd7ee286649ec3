/** A span of another process. */
export interface RemoteSpan {
  traceId: string;
  spanId: string;
  isSampled: boolean;
}

/** W3C Trace Context, version 00. What later versions add at the end is ignored. */
const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.{0,100})?$/;

/** Undefined if this is not a valid `traceparent`. */
export function remoteSpan(traceparent: unknown): RemoteSpan | undefined {
  const [, traceId, spanId, flags] = (typeof traceparent === "string" && form.exec(traceparent)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The value, if it is valid. */
export function validTraceparent(value: string | null | undefined): string | undefined {
  return value && remoteSpan(value) ? value : undefined;
}
