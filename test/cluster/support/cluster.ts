import { inject } from "vitest";

import { connect } from "../../support/client.ts";
import { freePort } from "../../support/free-port.ts";
import { startModelServer } from "../../support/model-server.ts";
import { unlimited } from "../../support/start.ts";
import { freshDatabase } from "./database.ts";
import { front } from "./front.ts";
import { type ClusterNode, clusterNode } from "./node.ts";
import type { Postgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";

interface ClusterOptions {
  nodes?: number;
  /** Settings of all nodes. Without it, nothing is limited. */
  env?: Record<string, string>;
  /** Settings of single nodes, in their order. */
  envOf?: Record<string, string>[];
  /** A Postgres of the test's own, which it may stop. Without it, the one of all test files. */
  postgres?: Postgres;
  /** Arguments to Node itself. */
  nodeArguments?: string[];
  /** Programs that start the nodes, in their order, such as `["taskset", "-c", "0"]`. */
  prefixOf?: string[][];
  /** The folder whose `src/main.ts` is started. */
  folder?: string;
  /** Whether the nodes run at the start. Default: true. */
  isStarted?: boolean;
}

export type Cluster = Awaited<ReturnType<typeof cluster>>;

/** Nodes as processes over a fresh database, with a faulty network between each of them and its services, and a scripted model server. */
export async function cluster(options: ClusterOptions = {}) {
  const { nodes: count = 3, env, envOf = [], postgres, nodeArguments = [], prefixOf = [], folder, isStarted } = options;
  const database = await freshDatabase(postgres?.url ?? inject("postgresUrl"));
  const redis = await startRedis(inject("runFolder"));
  const model = await startModelServer();
  const nodes: ClusterNode[] = [];
  for (let index = 0; index < count; index += 1) {
    const settings = { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: "test", MODEL: "m", LOG_LEVEL: logLevel };
    const own = {
      name: `node ${index}`,
      port: await freePort(),
      postgresUrl: database.url,
      redisUrl: redis.url,
      env: { ...settings, ...unlimited, ...env, ...envOf[index] },
      nodeArguments,
      prefix: prefixOf[index] ?? [],
      folder,
    };
    nodes.push(await clusterNode(own));
  }
  const balancer = await front(nodes.map(({ port }) => port));

  async function close(): Promise<void> {
    await balancer.close();
    await Promise.all(nodes.map((node) => node.close()));
    await model.close();
    await redis.close();
    if (!postgres) await database.drop();
  }

  try {
    // The first one makes the tables alone, so that a fault in them is told once.
    for (const node of isStarted === false ? [] : nodes.slice(0, 1)) await node.start();
    if (isStarted !== false) await Promise.all(nodes.slice(1).map((node) => node.start()));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    nodes,
    /** The nth node. */
    node(index: number): ClusterNode {
      const node = nodes[index];
      if (!node) throw new Error(`There are ${nodes.length} nodes.`);
      return node;
    },
    database,
    redis,
    model,
    /** One address for all nodes. */
    front: balancer,
    /** A client on any node. */
    connect: (apiKey = "key-a") => connect(balancer.url, { apiKey }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** `TEST_LOG_LEVEL=info` records what the nodes say in `node.output`. */
const logLevel = process.env.TEST_LOG_LEVEL ?? "silent";
