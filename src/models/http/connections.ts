import { Client, type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** In ms. Servers close idle connections after 5 s to some minutes; a shorter timeout in their `keep-alive` header wins. */
const keepAliveTimeout = 30_000;

/** Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. No timeouts and no limit of connections: calls have their own. */
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

/** A handler that is told which connection its request is sent on. */
export interface ConnectionHandler extends Dispatcher.DispatchHandler {
  connection?: Connection;
}

/** One connection of the pool. undici reconnects it when needed. */
export class Connection extends Client {
  /** A request was already sent on it since it connected. */
  isUsed = false;

  constructor(origin: URL | string, options: Client.Options) {
    super(origin, options);
    this.on("connect", () => {
      this.isUsed = false;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: ConnectionHandler): boolean {
    handler.connection = this;
    return super.dispatch(options, handler);
  }
}
