import type { Engines } from "../graphs/chosen-engines.ts";
import packageJson from "../package.json" with { type: "json" };
import type { connection } from "./auth/connection.ts";
import { asyncapi } from "./channel/asyncapi.ts";
import type { Config } from "./config.ts";
import type { FileBytes } from "./files/bytes/file-bytes.ts";
import { callers } from "./files/caller.ts";
import { cleanUp } from "./files/clean-up.ts";
import { fileRoutes } from "./files/routes.ts";
import { uploads } from "./files/uploads.ts";
import { metricsPage } from "./http/metrics-page.ts";
import { playground } from "./http/playground.ts";
import { readiness } from "./http/readiness.ts";
import { type HttpServers, type Sockets, serveHttp } from "./http/servers.ts";
import type { RateLimits } from "./limits/rate-limits.ts";
import type { Store } from "./store/store.ts";
import type { Log } from "./telemetry/log.ts";
import type { metrics } from "./telemetry/metrics.ts";
import type { OriginCheck } from "./transport/origin.ts";

/** What is served over HTTP beside the sockets. */
export interface Served {
  sockets: Sockets;
  store: Store;
  bytes: FileBytes;
  connections: ReturnType<typeof connection>;
  originAllowed: OriginCheck;
  limits: RateLimits;
  measured: ReturnType<typeof metrics>;
  engines: Engines;
  draining: () => boolean;
  log: Log;
}

/** Starts to listen. Rejects with an Error that names a setting if that is not possible. */
export async function openHttp(config: Config, served: Served): Promise<HttpServers> {
  const { sockets, store, bytes, connections, originAllowed, limits, measured, engines, draining, log } = served;
  const storeReadiness = readiness(store.ready, log);
  const files = fileRoutes({
    files: store.files,
    bytes,
    upload: uploads({
      files: store.files,
      bytes,
      maxBytes: config.FILE_MAX_MB * 1_048_576,
      limit: limits.uploads,
    }),
    callerOf: callers(connections),
    clients: connections.clients,
    originAllowed,
    downloadLimit: limits.downloads,
    draining,
    log,
  });
  const http = await serveHttp(
    { host: config.HOST, port: config.PORT, metrics: config.METRICS_ADDRESS },
    { sockets, files },
    {
      metrics: metricsPage(measured.registry, config.METRICS_TOKEN),
      readiness: storeReadiness,
      draining,
      asyncapi: asyncapi(packageJson.version, engines, config.MESSAGE_MAX_CHARS),
      playground: playground(log),
    },
    log,
  );
  const stopCleanUp = cleanUp(store.files, bytes, log);
  return {
    ...http,
    async close() {
      await http.close();
      storeReadiness.close();
      await stopCleanUp();
      await bytes.close();
    },
  };
}
