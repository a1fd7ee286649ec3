import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";

/** The names of the settings that an address comes from. */
interface SettingNames {
  host: string;
  port: string;
}

/** Starts to listen. Rejects with an Error that names the setting at fault. */
export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
  settings: SettingNames,
): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(problem(error, host, port, settings), { cause: error });
  }
}

function problem(error: unknown, host: string, port: number, settings: SettingNames): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const shown = JSON.stringify(host);
  if (code === "EADDRINUSE")
    return `${settings.port}: another program listens on ${port}. Use another port, or 0 for a free one.`;
  if (code === "EACCES") return `${settings.port}: this user may not listen on ${port}. Use a port above 1023.`;
  if (isIP(host) === 0)
    return `${settings.host}: ${shown} is not a name of this machine (some shells set ${settings.host} by themselves). Use 127.0.0.1, or 0.0.0.0 for all addresses.`;
  if (code === "EADDRNOTAVAIL" || code === "EINVAL" || code === "EAFNOSUPPORT")
    return `${settings.host}: this machine has no address ${shown}. Use 127.0.0.1, or 0.0.0.0 for all addresses.`;
  return `${settings.host}: cannot listen on ${shown}: ${error instanceof Error ? error.message : error}`;
}

/** The base URL of a server that listens on this address. */
export function urlOf(host: string, address: AddressInfo | string | null): string {
  if (typeof address !== "object" || address === null) throw new Error("The server is not listening on a TCP port.");
  const name = unspecified.has(address.address) ? address.address : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${address.port}`;
}

/** All addresses of the machine. A browser cannot open them everywhere. */
const unspecified = new Set(["0.0.0.0", "::"]);

/** The same URL for a browser on this machine. */
export function localUrl(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
