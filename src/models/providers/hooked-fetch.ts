import { ReadableStream } from "node:stream/web";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fetch as undiciFetch } from "undici";

import { ModelFailure } from "../../../graphs/failure.ts";
import { connections } from "../http/connections.ts";
import type { Place } from "../http/endpoint.ts";
import { errorText } from "../http/error-text.ts";
import { ConnectionFailure } from "../http/exchange.ts";
import { HttpError } from "../http/http-error.ts";
import { broken } from "../reading/piece.ts";

export interface FetchWatcher {
  /** Ends the request at any moment, whether or not the package passes its own signal on. */
  signal: AbortSignal;
  onRequest(place: Place): void;
  /** Bytes of the reply arrived. */
  onBytes(): void;
  /** Called with each line of the reply. Throws if the reply cannot be used. */
  onLine?: (line: string) => void;
}

export interface HookedFetch {
  fetch: typeof fetch;
  /** What ended the request. Packages wrap errors of `fetch` in their own, which say less. */
  readonly failure: Error | undefined;
}

/** Longer error bodies are not read to their end. */
const maxErrorBytes = 65_536;

/** Packages collect a line before they parse it, and search it again with each read. */
const maxLineBytes = 1_048_576;

/** How much a package gets before the rest of the process has its turn: packages read all that there is at once. */
const sliceBytes = 16_384;

/** Headers that carry keys. */
const keyHeaders = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];

const dispatcher = connections();

/** A `fetch` for one call of a provider's package. It goes through proxies as our own requests do, and sees what packages hide: status, headers, bytes. */
export function hookedFetch(watcher: FetchWatcher): HookedFetch {
  let failure: Error | undefined;

  function failed(error: unknown): Error {
    if (error instanceof HttpError || error instanceof ModelFailure) failure ??= error;
    failure ??= new ConnectionFailure(error instanceof Error ? error : new Error(String(error)), false);
    return failure;
  }

  async function* body(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const lines = lineWatcher(watcher.onLine);
    let given = 0;
    try {
      for await (const chunk of slices(bytes)) {
        watcher.onBytes();
        lines.read(chunk);
        if (given > 0 && given + chunk.length > sliceBytes) {
          await nextTurn();
          given = 0;
        }
        given += chunk.length;
        yield chunk;
      }
      lines.end();
    } catch (error) {
      throw failed(error);
    }
  }

  async function send(input: string, init: RequestInit): Promise<Response> {
    const signal = init.signal ? AbortSignal.any([init.signal, watcher.signal]) : watcher.signal;
    const { origin, pathname, search } = new URL(input);
    watcher.onRequest({ origin, path: pathname + search });
    try {
      // Redirects are not followed: to another origin they would carry the key.
      // Both are undici's; the types of the one inside Node differ.
      const response = (await undiciFetch(input, {
        ...init,
        signal,
        dispatcher,
        redirect: "manual",
      } as object)) as unknown as Response;
      const { status, headers } = response;
      if (!response.ok) {
        const said = errorText(await beginning(response), secretsIn(init.headers));
        throw new HttpError(status, Object.fromEntries(headers), said);
      }
      const stream = response.body && ReadableStream.from(body(response.body));
      return new Response(stream as globalThis.ReadableStream | null, { status, headers });
    } catch (error) {
      throw failed(error);
    }
  }

  return {
    fetch: (input, init = {}) => send(input instanceof Request ? input.url : String(input), init),
    get failure() {
      return failure;
    },
  };
}

async function* slices(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += sliceBytes) yield chunk.subarray(at, at + sliceBytes);
  }
}

async function beginning(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const bytes of response.body ?? []) {
    length += bytes.length;
    text += decoder.decode(bytes, { stream: true });
    if (length > maxErrorBytes) break;
  }
  return text;
}

function secretsIn(init: RequestInit["headers"]): string[] {
  const headers = new Headers(init);
  return keyHeaders.flatMap((name) => headers.get(name)?.replace(/^bearer /i, "") ?? []);
}

/** Takes bytes, and gives whole lines to `onLine`. Throws if a line is too long. */
function lineWatcher(onLine: ((line: string) => void) | undefined) {
  const decoder = new TextDecoder();
  let length = 0;
  let parts: string[] = [];

  function give(lines: string[]): void {
    for (const line of lines) if (line.trim() !== "") onLine?.(line);
  }

  return {
    read(bytes: Uint8Array): void {
      const lineEnd = bytes.lastIndexOf(10);
      length = lineEnd < 0 ? length + bytes.length : bytes.length - lineEnd - 1;
      if (length > maxLineBytes) throw broken("An event of the reply is too long.");
      if (!onLine) return;
      parts.push(decoder.decode(bytes, { stream: true }));
      if (lineEnd < 0) return;
      const lines = parts.join("").split("\n");
      parts = [lines.pop() ?? ""];
      give(lines);
    },
    end: () => give([parts.join("")]),
  };
}
