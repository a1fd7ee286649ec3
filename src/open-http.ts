import { dirname, join } from "node:path";

import type { Engines } from "../graphs/chosen-engines.ts";
import packageJson from "../package.json" with { type: "json" };
import type { connection } from "./auth/connection.ts";
import { asyncapi } from "./channel/asyncapi.ts";
import type { Config } from "./config.ts";
import { callers } from "./files/caller.ts";
import { cleanUp } from "./files/clean-up.ts";
import type { FileFolder } from "./files/folder.ts";
import { fileRoutes } from "./files/routes.ts";
import { uploads } from "./files/uploads.ts";
import { metricsPage } from "./http/metrics-page.ts";
import { playground } from "./http/playground.ts";
import { readiness } from "./http/readiness.ts";
import { type HttpServers, type Sockets, serveHttp } from "./http/servers.ts";
import type { RateLimits } from "./limits/rate-limits.ts";
import { sqlitePath } from "./settings/database-url.ts";
import type { Store } from "./store/store.ts";
import type { Log } from "./telemetry/log.ts";
import type { metrics } from "./telemetry/metrics.ts";
import type { OriginCheck } from "./transport/origin.ts";

/** What is served over HTTP beside the sockets. */
export interface Served {
  sockets: Sockets;
  store: Store;
  folder: FileFolder;
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
  const { sockets, store, folder, connections, originAllowed, limits, measured, engines, draining, log } = served;
  const storeReadiness = readiness(store.ready, log);
  const files = fileRoutes({
    files: store.files,
    folder,
    upload: uploads({
      files: store.files,
      folder,
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
  const stopCleanUp = cleanUp(store.files, folder, log);
  return {
    ...http,
    async close() {
      await http.close();
      storeReadiness.close();
      await stopCleanUp();
    },
  };
}

/** Where uploaded files are: by default beside the database, which is on a disk that lasts. */
export function filesDir({ FILES_DIR, DATABASE_URL }: Config): string {
  return FILES_DIR ?? join(dirname(sqlitePath(DATABASE_URL) ?? "data/"), "files");
}
