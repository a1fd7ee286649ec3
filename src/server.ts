import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Dialects } from "../graphs/dialects.ts";
import packageJson from "../package.json" with { type: "json" };
import { authentication } from "./auth/authenticate.ts";
import { connection } from "./auth/connection.ts";
import type { Principal } from "./auth/principal.ts";
import { asyncapi } from "./channel/asyncapi.ts";
import { conversationChannel } from "./channel/conversation-channel.ts";
import { members } from "./channel/members.ts";
import { allowedModels, type Config, workbenchOf } from "./config.ts";
import { servePage } from "./http/pages.ts";
import { playground } from "./http/playground.ts";
import { rateLimits } from "./limits/rate-limits.ts";
import { chatModels, routingPolicy } from "./models/models.ts";
import { prices } from "./models/prices.ts";
import { compiled } from "./reload/compiled.ts";
import { fixedGraphs, hotGraphs } from "./reload/graphs.ts";
import { promptFolder } from "./reload/prompt-folder.ts";
import { sqliteStore } from "./store/sqlite.ts";
import type { Turn } from "./store/store.ts";
import type { Log } from "./telemetry/log.ts";
import { metrics } from "./telemetry/metrics.ts";
import { tracing } from "./telemetry/tracing.ts";
import { serveSocket } from "./transport/serve.ts";
import { turns } from "./turns/accept.ts";
import type { TurnHost } from "./turns/host.ts";
import { live as liveConversations } from "./turns/live.ts";
import { runner as turnRunner } from "./turns/runner.ts";
import { prefix, workbenchChannel } from "./workbench/channel.ts";
import { inspector } from "./workbench/inspector.ts";
import type { Workbench } from "./workbench/services.ts";

/** Closing sockets are spread over so long, in ms, so that their clients do not all come back at once. */
const drainSpreadMs = 2_000;

export interface Server {
  /** Where it listens. */
  url: string;
  /** Takes no more work, lets running turns end for as long as the settings say, and closes everything. */
  drain(): Promise<void>;
  /** Closes everything at once; unfinished turns go on at the next start. */
  close(): Promise<void>;
}

/** Puts the parts together and listens. `apiKeys` are `key=user_id` entries. Throws when a part cannot start. */
export async function startServer(
  config: Config,
  apiKeys: readonly string[],
  log: Log,
  isDev = false,
): Promise<Server> {
  let isDraining = false;
  const draining = () => isDraining;
  const prompts = promptFolder(config.PROMPTS_DIR, log);
  const graphs = isDev ? await hotGraphs(log) : fixedGraphs();
  graphs.watch(prompts.reload);
  const { store, records, checkpointer } = sqliteStore(config.DATABASE_URL.slice("sqlite:".length));
  const measured = metrics();
  const live = liveConversations();
  const limits = rateLimits(config);
  const workshop = {
    models: chatModels(config),
    price: prices(config),
    dialects: new Dialects(),
    routing: routingPolicy(config),
    prompts: prompts.current,
    store,
    live,
  };
  const looking = inspector();
  const trace = tracing(config.LANGSMITH_TRACING, log);
  const settings = {
    brain: compiled(graphs, checkpointer),
    workshop,
    turnTimeoutMs: config.TURN_TIMEOUT_MS,
    trace: (turn: Turn, host: TurnHost) => looking.looking(turn, trace.turn(turn, host)),
    log,
  };
  const runner = turnRunner(settings, measured);

  const channel = conversationChannel({
    store,
    live,
    turns: turns({ store, live, runner, log }),
    runner,
    members: members(live),
    limits,
    allowedModels: allowedModels(config),
    engines: () => graphs.current().engines,
    log,
    rated: trace.rated,
    delivered(turnId, delivery) {
      store.delivered(turnId, delivery).catch((error: unknown) => {
        log.error({ turn_id: turnId, err: error }, "the delivery was not kept");
      });
    },
    draining,
  });
  const { isOpen, canEdit } = workbenchOf(config, isDev);
  const workbench: Workbench = {
    store,
    records,
    prompts,
    graphs,
    tools: workshop,
    inspector: looking,
    limits,
    allowedModels: allowedModels(config),
    canEdit,
    timeoutMs: config.TURN_TIMEOUT_MS,
    log,
  };
  const authenticate = authentication({ apiKeys, secret: config.AUTH_JWT_SECRET, jwksUrl: config.AUTH_JWKS_URL });
  const sockets = serveSocket<Principal>({
    mount: "/socket",
    routes: { "conversation:*": channel, ...(isOpen && { [`${prefix}*`]: workbenchChannel(workbench) }) },
    connect: connection(authenticate, limits, measured, log),
    allowedOrigins: config.ALLOWED_ORIGINS.length > 0 ? config.ALLOWED_ORIGINS : undefined,
    host: config.HOST,
    limits: { idleMs: config.SOCKET_IDLE_MS },
    log,
  });
  measured.watchSockets(() => sockets.stats());

  const pages = {
    registry: measured.registry,
    ready: () => store.ping(),
    draining,
    asyncapi: asyncapi(packageJson.version),
    playground: playground(),
  };
  const http = createServer({ headersTimeout: 5_000, requestTimeout: 30_000 }, (request, response) => {
    if (sockets.request(request, response)) return;
    servePage(pages, request, response).catch((error: unknown) => {
      log.error({ err: error }, "a page failed");
      response.destroy();
    });
  });
  http.on("upgrade", (request, socket, head) => sockets.upgrade(request, socket, head));
  http.listen(config.PORT, config.HOST);
  await once(http, "listening");
  for (const conversationId of await store.unfinished()) runner.wake(conversationId);

  async function close(): Promise<void> {
    isDraining = true;
    await runner.drain(0);
    await sockets.close();
    http.closeAllConnections();
    http.close();
    await once(http, "close");
    await trace.flush();
    prompts.close();
    graphs.close();
    store.close();
  }

  return {
    url: urlOf(config.HOST, http.address()),
    async drain() {
      isDraining = true;
      const timeoutMs = config.DRAIN_TIMEOUT_MS;
      await Promise.all([runner.drain(timeoutMs), sockets.drain({ spreadMs: drainSpreadMs, timeoutMs })]);
      await close();
    },
    close,
  };
}

function urlOf(host: string, address: AddressInfo | string | null): string {
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
