import type { AddressInfo } from "node:net";

/** The base URL of a server that listens on this address. */
export function urlOf(host: string, address: AddressInfo | string | null): string {
  if (typeof address !== "object" || address === null) throw new Error("The server is not listening on a TCP port.");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
