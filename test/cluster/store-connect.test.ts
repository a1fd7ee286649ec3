import { chownSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { postgresStore } from "../../src/store/postgres/open.ts";
import { key, selfSigned } from "../support/certificates.ts";
import { freshDatabase } from "./support/database.ts";
import { startPostgres } from "./support/postgres.ts";

const secret = "s3cret/@%";

/** A server as managed ones are: with TLS, and a password for everybody but its administrator. */
describe("a server with TLS and passwords", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let authority = "";
  beforeAll(async () => {
    postgres = await startPostgres(inject("runFolder"));
    database = await freshDatabase(postgres.url);
    const [row] = await database.rows("SELECT current_setting('data_directory') AS folder");
    const folder = String(row?.folder);
    const owner = statSync(folder);
    const files = {
      "server.key": key,
      "server.crt": selfSigned,
      "access.conf": [
        "host all postgres 127.0.0.1/32 trust",
        "hostssl all talker 127.0.0.1/32 scram-sha-256",
        "hostnossl all talker 127.0.0.1/32 reject",
        "host all plain 127.0.0.1/32 scram-sha-256",
      ].join("\n"),
    };
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      chownSync(join(folder, name), owner.uid, owner.gid);
    }
    authority = join(mkdtempSync(join(dirname(dirname(folder)), "tls-")), "ca.pem");
    writeFileSync(authority, selfSigned);
    for (const user of ["talker", "plain"]) await database.rows(`CREATE USER ${user} PASSWORD '${secret}'`);
    await database.rows("ALTER SYSTEM SET ssl = on");
    await database.rows(`ALTER SYSTEM SET hba_file = '${join(folder, "access.conf")}'`);
    await postgres.end("SIGINT");
    await postgres.start();
    await database.rows("GRANT ALL ON SCHEMA public TO talker, plain");
  });
  afterAll(() => postgres.close());

  function urlOf(user: string, parameters: string, password = secret): string {
    const url = new URL(database.url);
    Object.assign(url, { username: user, password: encodeURIComponent(password), search: parameters });
    return url.toString();
  }

  const modes = () => [
    "",
    "sslmode=require",
    "sslmode=allow",
    "sslmode=require&channel_binding=require",
    `sslmode=verify-ca&sslrootcert=${authority}`,
    `sslmode=verify-full&sslrootcert=${authority}`,
  ];

  it("is used with every sslmode that it can have", async () => {
    for (const mode of modes()) {
      const store = await postgresStore(urlOf("talker", mode));
      await store.conversations.open("one", "user");
      const [row] = await database.rows(
        "SELECT bool_and(ssl) AS all FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'talker'",
      );
      expect(row, mode).toEqual({ all: true });
      await store.close();
    }
    const store = await postgresStore(
      urlOf("talker", "")
        .replace("talker", "postgres")
        .replace(/\?.*|$/, "?sslmode=disable"),
    );
    await store.close();
  });

  it.each([
    ["talker", "sslmode=disable", secret, "sslmode=require"],
    ["talker", "sslmode=require", "wrong", "password"],
    ["talker", "sslmode=verify-full", secret, "sslrootcert"],
    ["nobody", "", secret, "no"],
  ])("refuses %s with %s in a sentence without secrets", async (user, mode, password, part) => {
    const problem = await postgresStore(urlOf(user, mode, password)).then(
      () => "none",
      (error: unknown) => String(error),
    );
    expect(problem).toContain("DATABASE_URL: ");
    expect(problem).toContain(part);
    for (const hidden of [secret, encodeURIComponent(secret), "wrong"]) expect(problem).not.toContain(hidden);
  });
});

describe("a database that cannot be used", () => {
  const refusals = [
    ["a newer schema", "INSERT INTO conversation_channel_migrations (name) VALUES ('999-later.sql')", "newer version"],
    ["no synchronous commits", "ALTER DATABASE %I SET synchronous_commit = off", "synchronous_commit"],
  ] as const;
  it.each(refusals)("is refused with a sentence: %s", async (_, statement, part) => {
    const database = await freshDatabase(inject("postgresUrl"));
    await (await postgresStore(database.url)).close();
    await database.rows(statement.replace("%I", database.name));
    await expect(postgresStore(database.url)).rejects.toThrow(part);
    await database.drop();
  });

  it("is refused if its tables belong to another program, and is left as it was", async () => {
    const database = await freshDatabase(inject("postgresUrl"));
    await database.rows("CREATE TABLE turns (id int)");
    await expect(postgresStore(database.url)).rejects.toThrow("a database of its own");
    await expect(
      database.rows("SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'"),
    ).resolves.toEqual([{ tables: 1 }]);
    await database.drop();
  });

  it("is refused if it is not there", async () => {
    const url = Object.assign(new URL(inject("postgresUrl")), { pathname: "/nowhere" }).toString();
    await expect(postgresStore(url)).rejects.toThrow("create it first");
  });
});
