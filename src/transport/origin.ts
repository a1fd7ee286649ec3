import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";

import { isLoopback, type OriginEntry, originEntry, parseHost, schemePorts } from "./origin-entry.ts";

/**
 * True if a page of the request's origin may connect. `isProxied` says that the request came through a proxy that is trusted: it passes on
 * only what is sent to its own hosts.
 */
export type OriginCheck = (headers: IncomingHttpHeaders, isProxied?: boolean) => boolean;

/**
 * Phoenix's `check_origin`. Requests without an Origin header do not come from a browser and pass. Without a list, the page has to come from
 * the host that it connects to, and that host has to be ours: otherwise any page could make its name point to this machine. All loopback
 * names mean this machine. Throws if an entry of the list is malformed.
 */
export function originCheck(allowed: readonly string[] | undefined, ownHost: string | undefined): OriginCheck {
  const list = allowed?.map(entryOf);
  const own = new Set([ownHost, hostname(), `${hostname()}.local`].flatMap((name) => parseHost(name) ?? []));

  function isSameHost(page: string, asked: string | undefined): boolean {
    if (asked === undefined) return false;
    return page === asked && (own.has(page) || cannotPointElsewhere(page));
  }

  return (headers, isProxied = false) => {
    const { origin, host } = headers;
    if (origin === undefined) return true;
    const url = URL.parse(origin);
    if (!url?.hostname) return false;
    if (list) return list.some((entry) => matches(entry, url));
    const page = withoutDot(url.hostname);
    const asked = parseHost(host);
    if (isLoopback(page)) return [asked, parseHost(ownHost)].some((name) => name !== undefined && isLoopback(name));
    if (isProxied && [asked, forwardedHost(headers)].includes(page)) return true;
    return page === parseHost(ownHost) || isSameHost(page, asked);
  };
}

function entryOf(text: string): OriginEntry {
  const entry = originEntry(text);
  if (!entry) throw new Error(`"${text}" is not an origin. Use [scheme:]//host[:port] or //*.host.`);
  return entry;
}

function matches({ scheme, host, subdomains, port }: OriginEntry, url: URL): boolean {
  const given = url.protocol.slice(0, -1);
  const page = withoutDot(url.hostname);
  return (
    (scheme === undefined || scheme === given) &&
    (port === undefined || port === (url.port || schemePorts[given])) &&
    (page === host || (isLoopback(host) && isLoopback(page)) || (subdomains && page.endsWith(`.${host}`)))
  );
}

/** An address, or a name that nobody can register: no stranger's page has such an origin. */
function cannotPointElsewhere(host: string): boolean {
  return isIP(host.replace(/^\[|\]$/g, "")) > 0 || !host.includes(".") || host.endsWith(".local");
}

function forwardedHost(headers: IncomingHttpHeaders): string | undefined {
  const forwarded = headers["x-forwarded-host"];
  return parseHost((Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(",", 1)[0]?.trim());
}

/** `example.com.` is `example.com`. */
function withoutDot(host: string): string {
  return host.replace(/\.$/, "");
}
