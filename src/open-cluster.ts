import type { Counters } from "./cluster/counters.ts";
import type { Nodes } from "./cluster/nodes.ts";
import type { Redis } from "./cluster/redis.ts";
import { sessionTokens } from "./cluster/session-tokens.ts";
import type { Config } from "./config.ts";
import { type RateLimits, rateLimits } from "./limits/rate-limits.ts";
import type { Elsewhere } from "./phoenix/presence.ts";
import { sqlitePath } from "./settings/database-url.ts";
import type { Store } from "./store/store.ts";
import type { Log } from "./telemetry/log.ts";
import type { Peers } from "./transport/peers.ts";
import { type Bus, memoryBus } from "./turns/bus.ts";
import type { Live } from "./turns/live.ts";

/** What the nodes of a cluster share. A server without REDIS_URL is alone, and keeps it in memory. */
export interface Cluster {
  bus: Bus;
  limits: RateLimits;
  /** Only where there can be other nodes. */
  nodes?: Nodes;
  /** For long poll sessions of other nodes. */
  peers?: Peers;
  redis?: Redis;
  /** Who is present on other nodes. */
  elsewhere?: Elsewhere;
  /** What the bus does. */
  counters?: Counters;
  /** Call it once, before anybody joins. */
  connect?: (live: Live, store: Store) => void;
  close(): Promise<void>;
}

/** Rejects with an Error that names the setting if the settings do not fit together. */
export async function openCluster(config: Config, log: Log): Promise<Cluster> {
  const { REDIS_URL, DATABASE_URL } = config;
  if (REDIS_URL === undefined) return { bus: memoryBus(log), limits: rateLimits(config), async close() {} };
  if (sqlitePath(DATABASE_URL) !== undefined)
    throw new Error(
      "REDIS_URL: several servers need a DATABASE_URL of Postgres; an SQLite file belongs to one server.",
    );
  // A server that is alone does not load them.
  const { openRedis } = await import("./cluster/redis.ts");
  const { openNodes } = await import("./cluster/nodes.ts");
  const { openPeers } = await import("./cluster/peers.ts");
  const { clusterBus } = await import("./cluster/bus.ts");
  const { sharedLimits } = await import("./limits/shared-limits.ts");
  const redis = await openRedis(REDIS_URL, log);
  const tokens = sessionTokens();
  const nodes = openNodes(redis, tokens.card);
  const { peers, close } = openPeers(redis, nodes, tokens, log);
  const bus = clusterBus({ redis, nodes, log });
  return {
    bus,
    elsewhere: bus.elsewhere,
    connect: bus.connect,
    counters: bus.counters,
    limits: rateLimits(config, sharedLimits(redis.client, log)),
    nodes,
    peers,
    redis,
    async close() {
      close();
      bus.close();
      await nodes.close();
      await redis.close();
    },
  };
}
