import pg from "pg";
import { afterAll, describe } from "vitest";

import { openDatabase } from "../../src/store/postgres/database.ts";
import { migrate } from "../../src/store/postgres/migrate.ts";
import { storeOn } from "../../src/store/postgres/open.ts";
import { openPool } from "../../src/store/postgres/pool.ts";
import { InProcessPostgres } from "../support/pglite.ts";
import { size } from "../support/size.ts";
import { storeContract } from "./contract.ts";
import { passTime } from "./postgres-time.ts";

/** In this process and over one connection: what needs several is in test/cluster. */
describe("the store in Postgres", () => {
  const server = new InProcessPostgres();
  const config = { stream: server.stream, user: "postgres", database: "postgres", ssl: false } as const;
  afterAll(() => server.close());

  async function used<Result>(use: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client(config);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }

  storeContract({
    orders: size(4, 8),
    async open() {
      await used(migrate);
      const database = openDatabase(openPool(config, 1));
      return storeOn(database, database);
    },
    passTime: (ms) => used((client) => passTime(client, ms)),
  });
});
