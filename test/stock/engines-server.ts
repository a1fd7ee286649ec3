import type { Client } from "../support/client.ts";
import { type ModelServer, startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";
import { projectWith } from "./engines.ts";

interface EnginesOptions {
  /** See `projectWith`. */
  modules?: Record<string, string>;
  /** Runs before the server starts, and returns more settings. */
  prepare?: (folder: string) => Record<string, string>;
  model?: Parameters<typeof startModelServer>[0];
}

/** A server with more engines, its model server, and a client. */
export interface EnginesServer extends AsyncDisposable {
  /** The server's working directory. */
  readonly folder: string;
  readonly model: ModelServer;
  readonly server: SpawnedServer;
  readonly client: Client;
  restart(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a server with these graphs as engines: see `projectWith`. A list names exports of `source`, each wrapped in `stock()`. */
export async function startEngines(
  source: string,
  graphs: readonly string[] | Record<string, string>,
  { modules, prepare, model: modelOptions }: EnginesOptions = {},
): Promise<EnginesServer> {
  const names = Array.isArray(graphs)
    ? Object.fromEntries(graphs.map((name) => [name, `stock(added.${name})`]))
    : graphs;
  const project = projectWith(source, names as Record<string, string>, modules);
  const { folder } = project;
  const model = await startModelServer(modelOptions);
  const settings = { LOG_LEVEL: "warn", ...prepare?.(folder) };
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${folder}/data/test.db`, ...settings };
  let server = await spawnServer(env, folder);
  let client = await server.connect();

  return {
    folder,
    model,
    get server() {
      return server;
    },
    get client() {
      return client;
    },
    async restart(signal = "SIGTERM") {
      await client.close();
      await server.end(signal);
      server = await spawnServer(env, folder);
      client = await server.connect();
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
      await model.close();
      project[Symbol.dispose]();
    },
  };
}
