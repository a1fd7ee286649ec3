import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";

import type { Config } from "../../config.ts";

/** The sampler of OTEL_TRACES_SAMPLER. */
export function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share = 1 }: Config): Sampler {
  if (name.endsWith("always_off")) return based(name, new AlwaysOffSampler());
  if (name.endsWith("always_on")) return based(name, new AlwaysOnSampler());
  return based(name, new TraceIdRatioBasedSampler(share));
}

function based(name: string, root: Sampler): Sampler {
  return name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}
