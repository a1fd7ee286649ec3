import type { IncomingMessage } from "node:http";
import { isIPv4, isIPv6 } from "node:net";

import proxyAddr from "proxy-addr";

/** Tells clients from the proxies that forward them. Only `trusted` ones are believed. Throws if an entry is no address. */
export function clients(trusted: string[]) {
  const trust = proxyAddr.compile(trusted.map(withName));
  return {
    /** The address of the client itself. */
    addressOf(request: IncomingMessage): string {
      const peer = request.socket.remoteAddress;
      if (peer === undefined) return "";
      return (
        networkOf(bare(trusted.length > 0 ? proxyAddr(withForwarded(request), trust) : peer)) ?? networkOf(peer) ?? peer
      );
    },
    /** Whether a trusted proxy sent the request. */
    isProxied({ socket: { remoteAddress } }: IncomingMessage): boolean {
      return trusted.length > 0 && remoteAddress !== undefined && trust(remoteAddress, 0);
    },
  };
}

/** Whether `clients` takes these entries. */
export function areProxies(entries: string[]): boolean {
  try {
    proxyAddr.compile(entries.map(withName));
    return true;
  } catch {
    return false;
  }
}

/** `private` is the usual name for what proxy-addr calls `uniquelocal`. */
function withName(entry: string): string {
  return entry === "private" ? "uniquelocal" : entry;
}

/** The addresses of a `Forwarded` header (RFC 7239, section 5.2) as an `X-Forwarded-For`, which counts if there are both. */
function withForwarded(request: IncomingMessage): IncomingMessage {
  const { forwarded } = request.headers;
  if (forwarded === undefined || request.headers["x-forwarded-for"] !== undefined) return request;
  const addresses = Array.from(forwarded.matchAll(/(?:^|[;,\s])for="?([^",;\s]+)/gi), ([, address = ""]) => address);
  if (addresses.length > 0) request.headers["x-forwarded-for"] = addresses.join(", ");
  return request;
}

/** Some proxies add the port. */
function bare(address: string): string {
  const match = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/.exec(address);
  return match?.[1] ?? match?.[2] ?? address;
}

/** What belongs to one client: an IPv4 address, or the half of an IPv6 address that it can not choose. Undefined if it is neither. */
function networkOf(address: string): string | undefined {
  if (isIPv4(address)) return address;
  const [plain = ""] = address.split("%", 1);
  if (!isIPv6(plain)) return undefined;
  const mapped = /^::ffff:([\d.]+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    const given = groups.length + after.length + (tail.includes(".") ? 1 : 0);
    groups.push(...Array.from({ length: 8 - given }, () => "0"), ...after);
  }
  const half = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return half.every((group) => group === "0") ? plain : `${half.join(":")}::/64`;
}
