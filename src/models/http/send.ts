import { redirected } from "./endpoint.ts";
import { ConnectionFailure, type ExchangeOptions, exchange } from "./exchange.ts";
import { HttpError } from "./http-error.ts";

const maxRedirects = 3;

/**
 * Sends a request, and follows redirects that keep the method. If a reused connection turns out to be closed by the server, the request
 * was not read, so it is sent once more.
 */
export async function send(options: ExchangeOptions & { onRequest: () => void }): Promise<void> {
  let { endpoint } = options;
  let redirects = 0;
  let isResent = false;
  options.onRequest();
  while (true) {
    options.signal.throwIfAborted();
    try {
      return await exchange({ ...options, endpoint });
    } catch (error) {
      const location = locationIn(error);
      if (location !== undefined && redirects < maxRedirects) {
        endpoint = redirected(endpoint, location);
        redirects += 1;
      } else if (error instanceof ConnectionFailure && error.wasStale && !isResent) {
        isResent = true;
        options.onRequest();
      } else throw error;
    }
  }
}

function locationIn(error: unknown): string | undefined {
  if (!(error instanceof HttpError) || (error.status !== 307 && error.status !== 308)) return undefined;
  const { location } = error.headers;
  return location !== undefined && URL.canParse(location, "http://base") ? location : undefined;
}
