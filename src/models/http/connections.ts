import { Client, type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** Servers keep an idle connection for 5 s to some minutes. Most say how long, which counts if it is less. */
const keepAliveTimeout = 30_000;

/** Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Has no time limits, and as many connections as there are requests: a call has limits of its own. */
export function connections(): Dispatcher {
  return new EnvHttpProxyAgent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: 0,
    keepAliveTimeout,
    pipelining: 1,
    allowH2: false,
    factory: (origin, options) =>
      new Pool(origin, { ...options, factory: (place, settings) => new Connection(place, settings) }),
  });
}

/** What a request learns of the connection that it is sent on. */
export interface Sent extends Dispatcher.DispatchHandler {
  connection?: Connection;
}

/** One connection of the pool. It is made when it is first needed, and made anew when it was closed. */
export class Connection extends Client {
  /** A request was sent on it before. */
  isUsed = false;

  constructor(origin: URL | string, options: Client.Options) {
    super(origin, options);
    this.on("connect", () => {
      this.isUsed = false;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Sent): boolean {
    handler.connection = this;
    return super.dispatch(options, handler);
  }
}
