import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type pg from "pg";

/** Where a database is, and how to connect to it. */
export interface Address {
  /** Host, port and name. Without secrets. */
  place: string;
  config: pg.ClientConfig;
  /** What to try in this order, as `sslmode` wants it: TLS, or false for none. */
  tls: readonly (ConnectionOptions | false)[];
}

/** Parameters of libpq and of poolers that mean nothing here. */
const ignored = [
  "connect_timeout",
  "gssencmode",
  "keepalives",
  "keepalives_idle",
  "keepalives_interval",
  "keepalives_count",
  "target_session_attrs",
  "tcp_user_timeout",
  "pgbouncer",
];

const known = [
  ...["application_name", "channel_binding", "dbname", "host", "options", "password", "port", "user"],
  ...["sslmode", "sslrootcert", "sslcert", "sslkey"],
];

/**
 * Reads the URL of a database as libpq does, with its `sslmode` and certificates. Throws an Error whose message says what is wrong, and never
 * contains the URL.
 */
export function addressOf(url: string): Address {
  const [, authority = "", path = "", query = ""] =
    /^postgres(?:ql)?:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/is.exec(url) ?? [];
  const [, user, ofUser, ofHost = "", ofPort] =
    /^(?:([^:]*)(?::(.*))?@)?(\[[^\]]*\]|[^:@]*)(?::([^:@]*))?$/s.exec(authority) ?? [];
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (![...known, ...ignored].includes(name)) throw wrong(`the parameter ${name} is unknown`);
  }
  const get = (name: string, other?: string) => parameters.get(name) || (other && decoded(other)) || undefined;

  const host = (get("host", ofHost) ?? "localhost").replace(/^\[(.*)\]$/, "$1");
  const port = Number(get("port", ofPort) ?? 5432);
  if (authority.includes(",") || host.includes(",")) throw wrong("it has to name one host");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw wrong("the port is no number; characters such as @, / and % in a password have to be percent-encoded");
  }
  const database = get("dbname", path);
  const isSocket = host.startsWith("/");
  return {
    place: `${database ?? "the user's database"} at ${/[/:]/.test(host) ? `[${host}]` : host}:${port}`,
    config: {
      host,
      port,
      database,
      user: get("user", user),
      password: get("password", ofUser),
      application_name: get("application_name") ?? "conversation-channel",
      options: get("options"),
      enableChannelBinding: get("channel_binding") === "require",
    },
    tls: isSocket ? [false] : tlsOf(get),
  };
}

function tlsOf(get: (name: string) => string | undefined): Address["tls"] {
  const mode = get("sslmode") ?? "prefer";
  const [ca, cert, key] = ["sslrootcert", "sslcert", "sslkey"].map((name) => contentOf(name, get(name)));
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const unverified = { ...files, rejectUnauthorized: false };
  const ofAnyHost = { ...files, checkServerIdentity: () => undefined };
  switch (mode) {
    case "disable":
      return [false];
    case "allow":
      return [false, unverified];
    case "prefer":
      return [unverified, false];
    case "require":
      return [ca ? ofAnyHost : unverified];
    case "verify-ca":
      if (!ca)
        throw wrong("sslmode=verify-ca needs a certificate in sslrootcert; verify-full accepts those that Node knows");
      return [ofAnyHost];
    case "verify-full":
      return [files];
    default:
      throw wrong("sslmode has to be disable, allow, prefer, require, verify-ca or verify-full");
  }
}

/** Of a file in a parameter. `system`: the certificates that Node knows. */
function contentOf(name: string, path: string | undefined): string | undefined {
  if (path === undefined || (name === "sslrootcert" && path === "system")) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw wrong(`the file in ${name} cannot be read`, error);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong("a percent sign has to be written as %25");
  }
}

function wrong(what: string, cause?: unknown): Error {
  return new Error(`DATABASE_URL: ${what}.`, { cause });
}
