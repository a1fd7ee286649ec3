import { movedTo } from "./endpoint.ts";
import { ConnectionFailure, exchange, type Sending } from "./exchange.ts";
import { HttpRefusal } from "./refusal.ts";

const mostRedirects = 3;

/**
 * Sends a request, and follows redirects that keep its method. A kept connection may have been closed by the server
 * just when it was used: then the request goes out again at once, for nobody has read it.
 */
export async function send(sending: Sending & { onRequest: () => void }): Promise<void> {
  let { endpoint } = sending;
  let redirects = 0;
  let isSentAgain = false;
  sending.onRequest();
  while (true) {
    sending.signal.throwIfAborted();
    try {
      return await exchange({ ...sending, endpoint });
    } catch (error) {
      const location = locationIn(error);
      if (location !== undefined && redirects < mostRedirects) {
        endpoint = movedTo(endpoint, location);
        redirects += 1;
      } else if (error instanceof ConnectionFailure && error.wasStale && !isSentAgain) {
        isSentAgain = true;
        sending.onRequest();
      } else throw error;
    }
  }
}

function locationIn(error: unknown): string | undefined {
  if (!(error instanceof HttpRefusal) || (error.status !== 307 && error.status !== 308)) return undefined;
  const { location } = error.headers;
  return location !== undefined && URL.canParse(location, "http://base") ? location : undefined;
}
