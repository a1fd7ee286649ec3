import type { IncomingMessage } from "node:http";

import { Socket } from "phoenix";
import { WebSocket } from "ws";

import type { ChatOptions } from "./options.ts";

/** How long a lost connection is tried again before the chat gives up. */
const patienceMs = 60_000;

export interface ConnectionWatcher {
  lost: () => void;
  back: () => void;
  /** It does not come back. */
  over: (reason: Error) => void;
}

/**
 * Opens a socket; rejects with the reason when the first attempt fails. phoenix.js would try again for ever and not say
 * why: here a refused key ends it at once, and a minute of silence.
 */
export function connect({ url, apiKey }: ChatOptions, watcher: ConnectionWatcher) {
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
  let failure = new Error(`The server at ${url} cannot be reached.`);
  let hasOpened = false;
  let isRefused = false;
  let isOver = false;
  let patience: NodeJS.Timeout | undefined;

  class Transport extends WebSocket {
    constructor(address: string, protocols?: string[]) {
      super(address, protocols);
      this.once("unexpected-response", (request, { statusCode = 0 }: IncomingMessage) => {
        failure = refusal(statusCode);
        isRefused = statusCode === 403;
        request.destroy(failure);
      });
    }
  }

  const socket = new Socket(url, { transport: Transport, params: { api_key: apiKey } });

  function close(): void {
    isOver = true;
    clearTimeout(patience);
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
    else if (!patience) {
      patience = setTimeout(giveUp, patienceMs);
      watcher.lost();
    }
  }

  socket.onOpen(() => {
    if (patience) watcher.back();
    clearTimeout(patience);
    patience = undefined;
    hasOpened = true;
    failure = new Error("The connection was lost and did not come back.");
    resolve();
  });
  socket.onError(lost);
  socket.onClose(lost);
  socket.connect();
  return { socket, opened, close };
}

function refusal(status: number): Error {
  switch (status) {
    case 403:
      return new Error("The server refused the API key.");
    case 429:
      return new Error("The server refuses so many connections; wait a minute.");
    case 503:
      return new Error("The server is about to restart; try again in a moment.");
    default:
      return new Error(`This is no conversation server: it answered with HTTP ${status}.`);
  }
}
