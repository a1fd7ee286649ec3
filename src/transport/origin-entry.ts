/** An entry of the list of allowed origins. */
export interface OriginEntry {
  scheme?: string;
  host: string;
  subdomains: boolean;
  port?: string;
}

/** The ports that URLs leave out. */
export const schemePorts: Record<string, string> = { http: "80", https: "443", ws: "80", wss: "443" };

/** Parses `scheme://host:port`, `//host`, `//*.host` and the like. Undefined if the text is none of these. */
export function originEntry(text: string): OriginEntry | undefined {
  const match = /^(?:([a-z][a-z0-9+.-]*):)?\/\/(\*\.)?(\[[0-9a-f:.]+\]|[^/:*?#@\s]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  const [, scheme, wildcard, name, port] = match ?? [];
  const host = parseHost(name);
  if (host === undefined) return undefined;
  const lower = scheme?.toLowerCase();
  return {
    scheme: lower,
    host,
    subdomains: wildcard !== undefined,
    port: port === undefined ? lower && schemePorts[lower] : String(Number(port)),
  };
}

/** The name or address in a Host header or a setting, as URLs write it: lower case, punycode, without port. */
export function parseHost(host: string | undefined): string | undefined {
  if (!host) return undefined;
  const isBareAddress = host.includes("::") && !host.startsWith("[");
  return URL.parse(`http://${isBareAddress ? `[${host}]` : host}`)?.hostname.replace(/\.$/, "") || undefined;
}

/** The names of this machine for itself. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\])$/.test(host);
}
