import { type Endpoint, redirected } from "./endpoint.ts";
import { ConnectionFailure, type ExchangeOptions, exchange } from "./exchange.ts";
import { HttpError } from "./http-error.ts";

const maxRedirects = 3;

export interface SendOptions extends ExchangeOptions {
  /** Called for every request that is sent. Redirects do not count. */
  onRequest: () => void;
  /** Called after the reply if the server has moved for good. */
  onMoved?: (endpoint: Endpoint) => void;
}

/**
 * Sends a request, and follows redirects. With 301 and 302, browsers would go on with GET, which no model server answers: it is sent again
 * as it is, as with 307 and 308, if the host stays the same. If a reused connection turns out to be closed by the server, the request
 * was not read, so it is sent once more.
 */
export async function send(options: SendOptions): Promise<void> {
  let { endpoint } = options;
  let redirects = 0;
  let isResent = false;
  let isMovedForGood = true;
  options.onRequest();
  while (true) {
    options.signal.throwIfAborted();
    try {
      await exchange({ ...options, endpoint });
      if (redirects > 0 && isMovedForGood && endpoint.headers === options.endpoint.headers) options.onMoved?.(endpoint);
      return;
    } catch (error) {
      const target = redirects < maxRedirects ? targetOf(error, endpoint) : undefined;
      if (target) {
        endpoint = target.endpoint;
        isMovedForGood &&= target.isForGood;
        redirects += 1;
      } else if (error instanceof ConnectionFailure && error.wasStale && !isResent) {
        isResent = true;
        options.onRequest();
      } else throw error;
    }
  }
}

function targetOf(error: unknown, from: Endpoint): { endpoint: Endpoint; isForGood: boolean } | undefined {
  if (!(error instanceof HttpError) || ![301, 302, 307, 308].includes(error.status)) return undefined;
  const { location } = error.headers;
  if (location === undefined || !URL.canParse(location, from.origin)) return undefined;
  const endpoint = redirected(from, location);
  const keepsMethod = error.status === 307 || error.status === 308;
  if (!keepsMethod && endpoint.headers !== from.headers) return undefined;
  return { endpoint, isForGood: error.status === 301 || error.status === 308 };
}
