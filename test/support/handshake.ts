import type { IncomingHttpHeaders } from "node:http";

/** The server answered the upgrade with a plain HTTP status. */
export class HandshakeRefused extends Error {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  constructor(status: number, headers: IncomingHttpHeaders) {
    super(`handshake refused with ${status}`);
    this.name = "HandshakeRefused";
    this.status = status;
    this.headers = headers;
  }
}

/** The endpoint that phoenix.js expects, from `http://host:port`, `ws://host:port/socket` or similar. */
export function socketUrl(url: string): string {
  const base = url.replace(/^http/, "ws").replace(/\/$/, "");
  return base.endsWith("/socket") ? base : `${base}/socket`;
}
