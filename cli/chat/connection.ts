import type { IncomingMessage } from "node:http";

import { Socket } from "phoenix";
import { WebSocket } from "ws";

import type { ChatOptions } from "./options.ts";

/** How long to try to reconnect before giving up. */
const giveUpAfterMs = 60_000;

export interface ConnectionWatcher {
  lost: () => void;
  back: () => void;
  /** Reconnecting failed for good. */
  over: (reason: Error) => void;
}

/**
 * Opens a socket. Rejects with the reason if the first attempt fails. phoenix.js would retry forever without giving a
 * reason; this gives up at once if the API key is refused, and after a minute if the connection does not come back.
 */
export function connect({ url, apiKey }: ChatOptions, watcher: ConnectionWatcher) {
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
  let failure = new Error(`The server at ${url} cannot be reached.`);
  let hasOpened = false;
  let isRefused = false;
  let isOver = false;
  let giveUpTimer: NodeJS.Timeout | undefined;

  class Transport extends WebSocket {
    constructor(address: string, protocols?: string[]) {
      super(address, protocols);
      this.once("unexpected-response", (request, { statusCode = 0 }: IncomingMessage) => {
        failure = refusal(statusCode, url);
        isRefused = statusCode === 403;
        request.destroy(failure);
      });
    }
  }

  const socket = new Socket(url, { transport: Transport, params: { api_key: apiKey } });

  function close(): void {
    isOver = true;
    clearTimeout(giveUpTimer);
    socket.disconnect();
  }

  function giveUp(): void {
    close();
    if (hasOpened) watcher.over(failure);
    else reject(failure);
  }

  function lost(): void {
    if (isOver) return;
    if (isRefused || !hasOpened) giveUp();
    else if (!giveUpTimer) {
      giveUpTimer = setTimeout(giveUp, giveUpAfterMs);
      watcher.lost();
    }
  }

  socket.onOpen(() => {
    if (giveUpTimer) watcher.back();
    clearTimeout(giveUpTimer);
    giveUpTimer = undefined;
    hasOpened = true;
    failure = new Error("The connection was lost and could not be restored.");
    resolve();
  });
  socket.onError(lost);
  socket.onClose(lost);
  socket.connect();
  return { socket, opened, close };
}

function refusal(status: number, url: string): Error {
  switch (status) {
    case 403:
      return new Error(`The server at ${url} refused the API key.`);
    case 429:
      return new Error("Too many connections from this address. Wait a minute and try again.");
    case 503:
      return new Error("The server is restarting. Try again in a moment.");
    default:
      return new Error(`This is not a conversation server: it answered with HTTP ${status}.`);
  }
}
