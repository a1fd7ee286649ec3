import pg from "pg";

/** Connections to the database. None of them failing ends the process. */
export interface Pool {
  connect(): Promise<pg.PoolClient>;
  counts(): { total: number; idle: number; waiting: number };
  /** Connections were found dead without a word, such as behind a cut network: the idle ones are replaced. */
  replace(): void;
  close(): Promise<void>;
}

/** Of one process. */
const maxConnections = 10;

/** For a new connection, or for one that is in use. */
const connectTimeoutMs = 2_000;

/** Ended connections get this long to say goodbye. */
const goodbyeMs = 2_000;

/** Types whose values are numbers here, although they may be larger: bigint. */
const bigint = 20;

const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) => (id === bigint && format !== "binary" ? Number : pg.types.getTypeParser(id, format)),
};

/** `pipeline`: statements are sent without waiting for the answers to those before. */
export function openPool(config: pg.ClientConfig, max = maxConnections): Pool {
  let pool = create();
  const ending = new Set<Promise<void>>();

  function create(): pg.Pool {
    const created = new pg.Pool({
      ...config,
      max,
      types,
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
    });
    created.on("error", ignore);
    created.on("connect", (client) => client.on("error", ignore)); // one that is in use has no other listener
    return created;
  }

  function end(old: pg.Pool): Promise<void> {
    const ended = Promise.race([old.end(), new Promise<void>((resolve) => setTimeout(resolve, goodbyeMs).unref())]);
    ending.add(ended);
    return ended.finally(() => ending.delete(ended));
  }

  return {
    connect: () => pool.connect(),
    counts: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    replace() {
      const old = pool;
      pool = create();
      void end(old);
    },
    async close() {
      await Promise.all([...ending, end(pool)]);
    },
  };
}

/** Whoever uses the connection is told by its statement, and nobody has to know of the others. */
function ignore(): void {}
