import { usesPrompt } from "../graphs/chosen-engines.ts";
import type { JsonObject } from "../graphs/host.ts";
import { enginesThatForget } from "../graphs/stock/memory-store.ts";
import { connection } from "./auth/connection.ts";
import type { Principal } from "./auth/principal.ts";
import { authenticationOf } from "./auth/settings.ts";
import { conversationChannel } from "./channel/conversation-channel.ts";
import { batchedDeliveries } from "./channel/deliveries.ts";
import { members } from "./channel/members.ts";
import type { Config } from "./config.ts";
import { modelInUse, withModels } from "./models/model-in-use.ts";
import { checkProviders } from "./models/providers/check.ts";
import { openCluster } from "./open-cluster.ts";
import { openFiles } from "./open-files.ts";
import { openHttp } from "./open-http.ts";
import { openMcp } from "./open-mcp.ts";
import { openStore } from "./open-store.ts";
import { openTelemetry } from "./open-telemetry.ts";
import { fixedGraphs, hotGraphs } from "./reload/graphs.ts";
import { promptFolder } from "./reload/prompt-folder.ts";
import type { Server } from "./server-control.ts";
import type { Turn } from "./store/turns.ts";
import type { Log } from "./telemetry/log.ts";
import { originCheck } from "./transport/origin.ts";
import { serveSocket } from "./transport/serve.ts";
import { failureLog } from "./turns/failure-log.ts";
import { promptKeeper } from "./turns/keep-prompts.ts";
import { live as liveConversations } from "./turns/live.ts";
import { runner as turnRunner } from "./turns/runner.ts";
import { sessionMemory } from "./turns/session-memory.ts";
import { sweeper } from "./turns/sweeper.ts";
import { turns } from "./turns/turns.ts";
import { inspector } from "./workbench/inspector.ts";
import type { Workbench } from "./workbench/services.ts";
import { workbenchRoutes } from "./workbench-routes.ts";

/** Sockets are closed over this period, so that their clients do not all reconnect at once. */
const drainSpreadMs = 2_000;

/** Puts the parts together and starts to listen. `apiKeys` are `key=user_id` entries; `operatorKey` is one of their keys. `saveSettings` keeps settings that are made on the page. Throws if a part cannot start. */
export async function startServer(
  config: Config,
  apiKeys: readonly string[],
  log: Log,
  isDev = false,
  operatorKey?: string,
  saveSettings?: Workbench["model"]["save"],
): Promise<Server> {
  let isDraining = false;
  const draining = () => isDraining;
  const prompts = promptFolder(config.PROMPTS_DIR, log, usesPrompt(config.ENGINES));
  await checkProviders(config, prompts.current());
  const graphs = isDev ? await hotGraphs(config.ENGINES, log) : fixedGraphs(config.ENGINES);
  graphs.watch(prompts.reload);
  const forgetful = enginesThatForget(graphs.current().engines);
  if (forgetful.length > 0)
    log.warn({ engines: forgetful }, "graphs keep their store in memory: it is lost with the process");
  const bytes = await openFiles(config, log);
  const store = await openStore(config, log);
  const mcp = await openMcp(config, log);
  const cluster = await openCluster(config, log);
  const telemetry = await openTelemetry(config, log, cluster.nodes?.id);
  const { measured } = telemetry;
  const { bus, limits } = cluster;
  const live = liveConversations(bus);
  cluster.connect?.(live, store);
  const inUse = modelInUse(config, (model, change) =>
    log.info({ model, change }, "from now on the model server is asked in another way"),
  );
  const services = withModels(inUse, {
    prompts: prompts.current,
    store,
    bus,
    live,
    metrics: measured,
    log: telemetry.log,
    failures: failureLog(telemetry.log),
    files: bytes,
    mcp: mcp.server,
  });
  const nodeInspector = inspector();
  const settings = {
    brain: graphs.current,
    services,
    memory: sessionMemory(store.history),
    turnTimeoutMs: config.TURN_TIMEOUT_MS,
    keepPrompts: promptKeeper(store.history, log),
    trace: (turn: Turn, facts: () => JsonObject) => nodeInspector.inspected(turn, telemetry.trace(turn, facts)),
    observe: telemetry.observe,
  };
  const runner = turnRunner(settings, { all: config.MAX_RUNNING_TURNS, perUser: config.MAX_RUNNING_TURNS_PER_USER });
  const deliveries = batchedDeliveries(store.deliveries, log);

  const channel = conversationChannel({
    store,
    bus,
    live,
    turns: turns({ store, bus, live, runner, metrics: measured, sees: (model) => inUse.current().sees(model) }),
    members: members(bus, config.MAX_DEVICES_PER_CONVERSATION, cluster.elsewhere),
    limits,
    allowedModels: inUse.allowed,
    messageMaxChars: config.MESSAGE_MAX_CHARS,
    engines: () => graphs.current().engines,
    log,
    rated: telemetry.rated,
    deliveries,
    draining,
    forOperator: { store, deliveries, noteOf: services.failures.noteOf },
  });
  const workbench = workbenchRoutes(config, isDev, {
    conversations: store.conversations,
    records: store.records,
    prompts,
    graphs,
    services,
    inspector: nodeInspector,
    mcp: mcp.list,
    limits,
    model: { inUse, save: saveSettings },
    log,
  });
  const { keys, authenticate } = authenticationOf(config, { apiKeys, operatorKey }, log);
  const connections = connection(authenticate, limits, measured, log);
  const allowedOrigins = config.ALLOWED_ORIGINS.length > 0 ? config.ALLOWED_ORIGINS : undefined;
  const sockets = serveSocket<Principal>({
    mount: "/socket",
    routes: { "conversation:*": channel, ...workbench },
    ...connections,
    allowedOrigins,
    host: config.HOST,
    peers: cluster.peers,
    limits: { idleMs: config.SOCKET_IDLE_MS, ...(config.RATE_LIMIT_PUSHES === 0 && { userBytesPerSecond: Infinity }) },
    log,
  });
  telemetry.watch({ store, runner, sockets, prompts: prompts.current, cluster });

  const http = await openHttp(config, {
    sockets,
    store,
    bytes,
    connections,
    originAllowed: originCheck(allowedOrigins, config.HOST),
    limits,
    measured,
    engines: graphs.current().engines,
    draining,
    log,
  }).catch(async (error) => {
    await store.close();
    throw error;
  });
  const sweep = sweeper({ turns: store.turns, runner, bus, log });

  void mcp.connect();

  let closing: Promise<void> | undefined;

  function close(): Promise<void> {
    closing ??= closeAll();
    return closing;
  }

  async function closeAll(): Promise<void> {
    isDraining = true;
    sweep.close();
    await runner.drain(0);
    await sockets.close();
    await http.close();
    await mcp.close();
    await telemetry.close();
    prompts.close();
    graphs.close();
    keys.close();
    await deliveries.flush();
    await cluster.close();
    await store.close();
  }

  return {
    url: http.url,
    metricsUrl: http.metricsUrl,
    async drain() {
      isDraining = true;
      const timeoutMs = config.DRAIN_TIMEOUT_MS;
      await Promise.all([runner.drain(timeoutMs), sockets.drain({ spreadMs: drainSpreadMs, timeoutMs })]);
      await close();
    },
    close,
    reloadKeys: keys.reload,
    failed: store.failed,
  };
}
