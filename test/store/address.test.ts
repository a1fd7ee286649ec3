import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { addressOf } from "../../src/store/postgres/address.ts";

const secret = "s3cret";

describe("the address of a database", () => {
  it.each([
    ["postgres://u:s3cret@db:5433/talks", { host: "db", port: 5433, user: "u", password: secret, database: "talks" }],
    ["postgresql://u:p%40%2F%25@db/talks", { host: "db", port: 5432, user: "u", password: "p@/%" }],
    ["postgres://db", { host: "db", port: 5432, user: undefined, password: undefined, database: undefined }],
    ["postgres:///talks", { host: "localhost", database: "talks" }],
    ["postgres://u@[::1]:5433/talks", { host: "::1", port: 5433, user: "u" }],
    ["postgres://u@%2Fvar%2Frun/talks", { host: "/var/run", user: "u" }],
    ["postgres://u@/talks?host=/var/run&port=5433", { host: "/var/run", port: 5433 }],
    ["postgres://db/talks?user=u&password=s3cret", { user: "u", password: secret }],
    ["postgres://db/talks?application_name=mine&pgbouncer=true&connect_timeout=5", { application_name: "mine" }],
    ["postgres://db/talks?channel_binding=require", { enableChannelBinding: true }],
  ])("is read from %s", (url, expected) => {
    expect(addressOf(url).config).toMatchObject(expected);
  });

  it("names the place without secrets", () => {
    expect(addressOf("postgres://u:s3cret@db/talks").place).toBe("talks at db:5432");
    expect(addressOf("postgres://u:s3cret@[::1]/talks").place).toBe("talks at [::1]:5432");
  });

  it.each([
    ["postgres://u:s3cret@one,two/talks", "one host"],
    ["postgres://u:s3cret@one:1,two:2/talks", "one host"],
    ["postgres://u:s3cret/@db/talks", "percent-encoded"],
    ["postgres://u:%s3cret@db/talks", "%25"],
    ["postgres://u:s3cret@db:0/talks", "port"],
    ["postgres://u:s3cret@db/talks?sslmode=on", "sslmode"],
    ["postgres://u:s3cret@db/talks?sslmode=verify-ca", "sslrootcert"],
    ["postgres://u:s3cret@db/talks?sslmode=require&sslrootcert=/nowhere", "sslrootcert"],
    ["postgres://u:s3cret@db/talks?connection_limit=5", "connection_limit"],
  ])("is refused with a sentence without secrets: %s", (url, part) => {
    let message = "";
    try {
      addressOf(url);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain("DATABASE_URL: ");
    expect(message).toContain(part);
    expect(message).not.toContain(secret);
  });

  describe("asks for TLS as libpq does", () => {
    const folder = mkdtempSync(join(tmpdir(), "address-"));
    const authority = join(folder, "ca.pem");
    writeFileSync(authority, "certificate");
    afterAll(() => rmSync(folder, { recursive: true }));

    const unverified = { rejectUnauthorized: false };
    const ofAnyHost = { ca: "certificate", checkServerIdentity: expect.any(Function) };
    it.each([
      ["", [unverified, false]],
      ["sslmode=disable", [false]],
      ["sslmode=allow", [false, unverified]],
      ["sslmode=prefer", [unverified, false]],
      ["sslmode=require", [unverified]],
      [`sslmode=require&sslrootcert=${authority}`, [ofAnyHost]],
      [`sslmode=verify-ca&sslrootcert=${authority}`, [ofAnyHost]],
      [`sslmode=verify-full&sslrootcert=${authority}`, [{ ca: "certificate" }]],
      ["sslmode=verify-full&sslrootcert=system", [{}]],
      ["host=/var/run&sslmode=require", [false]],
    ])("%s", (parameters, tls) => {
      expect(addressOf(`postgres://u@db/talks?${parameters}`).tls).toEqual(tls);
    });
  });
});
