interface AllowedOrigin {
  scheme?: string;
  host: string;
  subdomains: boolean;
  port?: string;
}

const DEFAULT_PORTS: Record<string, string> = { http: "80", https: "443", ws: "80", wss: "443" };

export type OriginCheck = (origin: string | undefined, hostHeader: string | undefined) => boolean;

/**
 * Phoenix's `check_origin`. Requests without an Origin header do not come from a browser and pass. Without a list, the
 * origin's host must equal the request's Host header or `ownHost`. Throws if an entry of the list is malformed.
 */
export function originCheck(allowed: string[] | undefined, ownHost: string | undefined): OriginCheck {
  const list = allowed?.map(parseEntry);
  return (origin, hostHeader) => {
    if (origin === undefined) return true;
    const url = parse(origin);
    if (!url) return false;
    if (list) return list.some((entry) => matches(entry, url));
    return url.hostname === ownHost?.toLowerCase() || url.hostname === parse(`http://${hostHeader}`)?.hostname;
  };
}

function parseEntry(entry: string): AllowedOrigin {
  const match = /^(?:([a-z][a-z0-9+.-]*):)?\/\/(\*\.)?(\[[0-9a-f:.]+\]|[^/:*\s]+)(?::(\d+))?$/i.exec(entry);
  const [, scheme, wildcard, host, port] = match ?? [];
  if (host === undefined) throw new Error(`"${entry}" is not an origin. Use [scheme:]//host[:port] or //*.host.`);
  const lower = scheme?.toLowerCase();
  return {
    scheme: lower,
    host: host.toLowerCase(),
    subdomains: wildcard !== undefined,
    port: port ?? (lower && DEFAULT_PORTS[lower]),
  };
}

function matches({ scheme, host, subdomains, port }: AllowedOrigin, url: URL): boolean {
  const given = url.protocol.slice(0, -1);
  return (
    (scheme === undefined || scheme === given) &&
    (port === undefined || port === (url.port || DEFAULT_PORTS[given])) &&
    (url.hostname === host || (subdomains && url.hostname.endsWith(`.${host}`)))
  );
}

function parse(text: string): URL | undefined {
  const url = URL.parse(text);
  return url?.hostname ? url : undefined;
}
