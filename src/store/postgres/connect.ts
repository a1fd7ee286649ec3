import { setTimeout } from "node:timers/promises";
import pg from "pg";

import { type Address, addressOf } from "./address.ts";
import { failureOf } from "./failures.ts";

/** A database that can be used. `config` connects to it. */
export interface Reached {
  place: string;
  config: pg.ClientConfig;
}

/** A database may start at the same time as the server. */
const startPatienceMs = 10_000;
const retryMs = 250;
const connectTimeoutMs = 5_000;

const oldestVersion = 140_000;

/**
 * Connects to a database, checks that this program can use it, and does some work on the connection, which is ended then. Throws an Error whose
 * message says what is wrong with the setting.
 */
export async function reach(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<Reached> {
  const address = addressOf(url);
  const giveUpAt = performance.now() + startPatienceMs;
  for (;;) {
    try {
      return await reachOnce(address, work);
    } catch (error) {
      const isOver = performance.now() > giveUpAt || refusalOf(error) !== undefined;
      if (isOver || failureOf(error) === "defect") throw sentence(address, error);
      await setTimeout(retryMs);
    }
  }
}

async function reachOnce(
  { place, config, tls }: Address,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<Reached> {
  let failed: unknown;
  for (const ssl of tls) {
    const withTls = { ...config, ssl };
    const client = new pg.Client({ ...withTls, connectionTimeoutMillis: connectTimeoutMs });
    client.on("error", () => {}); // its statements tell
    try {
      await client.connect();
    } catch (error) {
      if (!failed || !offersNoTls(error)) failed = error;
      continue;
    }
    try {
      await check(client);
      await work(client);
      return { place, config: withTls };
    } finally {
      await client.end();
    }
  }
  throw failed;
}

/** Throws an Error with a sentence about what this program cannot work with. */
async function check(client: pg.Client): Promise<void> {
  await client.query("BEGIN READ ONLY"); // a pooler that has no transactions refuses it
  const { rows } = await client.query(`
    SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
      current_setting('synchronous_commit') AS sync, pg_is_in_recovery() AS is_replica`);
  await client.query("COMMIT");
  const [{ version, encoding, sync, is_replica }] = rows;
  if (version < oldestVersion) throw refused("Postgres 14 or later is needed");
  if (encoding !== "UTF8") throw refused(`the database has the encoding ${encoding}, and has to have UTF8`);
  if (is_replica) throw refused("the server is a replica, which cannot be written to");
  if (sync === "off") throw refused("synchronous_commit is off, so a message could be lost after it was confirmed");
}

class Refused extends Error {}

function refused(what: string): Refused {
  return new Refused(`DATABASE_URL: ${what}.`);
}

/** By the code of the server, or of Node. */
const refusals: Record<string, string> = {
  "28P01": "the server refuses the user or the password",
  "28000": "the server refuses this user from this address; it may want TLS (sslmode=require)",
  "3D000": "there is no such database; create it first",
  "42501": "the user may not create tables there. Run npm run migrate as one who may, or grant CREATE on the schema",
  "42P07": "the database has other tables with the names of ours. Give the server a database of its own",
  ENOTFOUND: "the host is unknown",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
};

/** What cannot get better by itself. */
function refusalOf(error: unknown): string | undefined {
  const { code = "", message = "" } = error instanceof Error ? (error as Error & { code?: string }) : {};
  if (/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code)) {
    return "the server's certificate is signed by nobody known here. Name its authority's in sslrootcert";
  }
  if (offersNoTls(error)) return "the server offers no TLS, which sslmode asks for";
  if (/not allowed in statement pooling mode/.test(message)) {
    return "a pooler in statement mode has no transactions. Let it pool sessions or transactions";
  }
  return refusals[code];
}

function offersNoTls(error: unknown): boolean {
  return error instanceof Error && /does not support SSL/.test(error.message);
}

function sentence({ place }: Address, error: unknown): unknown {
  if (error instanceof Error && error.message.startsWith("DATABASE_URL: ")) return error;
  const refusal = refusalOf(error) ?? "it cannot be reached, or cannot be used";
  const { code = "", message = "" } = error instanceof Error ? (error as Error & { code?: string }) : {};
  return new Error(`DATABASE_URL: ${place}: ${refusal} (${message || code}).`, { cause: error });
}
