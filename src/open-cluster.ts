import type { Config } from "./config.ts";
import { type RateLimits, rateLimits } from "./limits/rate-limits.ts";
import type { Log } from "./telemetry/log.ts";
import { type Bus, memoryBus } from "./turns/bus.ts";

/** What the nodes of a cluster share. A server without REDIS_URL is alone, and keeps it in memory. */
export interface Cluster {
  bus: Bus;
  limits: RateLimits;
  close(): Promise<void>;
}

export async function openCluster(config: Config, log: Log): Promise<Cluster> {
  return { bus: memoryBus(log), limits: rateLimits(config), async close() {} };
}
