import { execFileSync } from "node:child_process";
import pg from "pg";
import { describe, expect, inject, it } from "vitest";

import { tcpProxy } from "../support/tcp-proxy.ts";
import { freshDatabase } from "./support/database.ts";
import { startPostgres } from "./support/postgres.ts";
import { startRedis } from "./support/redis.ts";

describe("the services of the cluster's tests", () => {
  it("Postgres syncs its files, and its databases are apart", async () => {
    const one = await freshDatabase(inject("postgresUrl"));
    const other = await freshDatabase(inject("postgresUrl"));
    try {
      await one.rows("CREATE TABLE t (id int)");
      expect(await other.rows("SELECT to_regclass('t') AS t, current_setting('fsync') AS fsync")).toEqual([
        { t: null, fsync: "on" },
      ]);
      expect(await one.endBackends()).toBe(0);
    } finally {
      await Promise.all([one.drop(), other.drop()]);
    }
  });

  it("Postgres can be restarted, and keeps what was committed when it is killed", async () => {
    const postgres = await startPostgres(inject("runFolder"));
    try {
      const database = await freshDatabase(postgres.url);
      await database.rows("CREATE TABLE t AS SELECT 7 AS seven");
      const [owner] = execFileSync("ps", ["-o", "user=", "-p", String(postgres.pid)], { encoding: "utf8" }).split("\n");
      expect(owner).not.toBe("root");
      await postgres.end("SIGQUIT");
      await expect(database.rows("SELECT 1")).rejects.toThrow("ECONNREFUSED");
      await postgres.start();
      expect(await database.rows("SELECT * FROM t")).toEqual([{ seven: 7 }]);
    } finally {
      await postgres.close();
    }
  });

  it("Redis can be killed, and keeps nothing", async () => {
    const redis = await startRedis(inject("runFolder"));
    try {
      await redis.ask("SET", "name", "value");
      expect(await redis.ask("GET", "name")).toBe("value");
      await redis.end("SIGKILL");
      await expect(redis.ask("PING")).rejects.toThrow("ECONNREFUSED");
      await redis.start();
      expect(await redis.ask("GET", "name")).toBeNull();
    } finally {
      await redis.close();
    }
  });

  it("the network between a node and a service can be held, cut and refused", async () => {
    const database = await freshDatabase(inject("postgresUrl"));
    const proxy = await tcpProxy(database.url);
    const client = new pg.Client(proxy.url);
    client.on("error", () => {});
    try {
      await client.connect();
      proxy.stall();
      let isOver = false;
      const held = client.query("SELECT 1 AS one").finally(() => {
        isOver = true;
      });
      await database.rows("SELECT pg_sleep(0.1)");
      expect(isOver).toBe(false);
      proxy.resume();
      expect((await held).rows).toEqual([{ one: 1 }]);
      proxy.refuse();
      await expect(client.query("SELECT 1")).rejects.toThrow();
      await expect(new pg.Client(proxy.url).connect()).rejects.toThrow();
      proxy.accept();
      const again = new pg.Client(proxy.url);
      await again.connect();
      await again.end();
    } finally {
      await client.end().catch(() => {});
      await proxy.close();
      await database.drop();
    }
  });
});
