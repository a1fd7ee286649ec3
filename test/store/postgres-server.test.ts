import pg from "pg";
import { afterAll, beforeAll, describe } from "vitest";

import { postgresStore } from "../../src/store/postgres/open.ts";
import { storeContract } from "./contract.ts";
import { passTime } from "./postgres-time.ts";

/** A server on which databases may be created, such as postgres://postgres@localhost. */
const server = process.env.TEST_POSTGRES_URL ?? "";

describe.runIf(server)("the store in a Postgres server", () => {
  const name = `store_${process.pid}`;
  const admin = new pg.Client({ connectionString: server });
  const url = new URL(server || "postgres://none");
  url.pathname = name;
  const own = new pg.Client({ connectionString: url.href });
  beforeAll(async () => {
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    await own.connect();
  });
  afterAll(async () => {
    await own.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  });

  storeContract({
    orders: 20,
    open: () => postgresStore(url.href),
    passTime: (ms) => passTime(own, ms),
  });
});
