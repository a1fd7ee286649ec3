import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";

import { type BodyDecoder, bodyDecoder } from "./body-decoder.ts";
import type { Connection, ConnectionHandler } from "./connections.ts";
import { type Endpoint, secretsOf } from "./endpoint.ts";
import { HttpErrorReader } from "./http-error.ts";

/** Reads a reply. An error thrown by its methods ends the exchange. */
export interface BodyReader {
  begin(headers: IncomingHttpHeaders): void;
  read(bytes: Buffer): void;
  end(): void;
  /** The reply is complete; the rest of the body is ignored. */
  readonly isOver: boolean;
}

/** One request and the reader of its reply. The signal aborts it at any moment. */
export interface ExchangeOptions {
  endpoint: Endpoint;
  body: string;
  reader: BodyReader;
  signal: AbortSignal;
}

/** The server could not be reached, or the connection broke. */
export class ConnectionFailure extends Error {
  /** The connection was reused and broke before the first byte of the reply, so the server had probably closed it already. */
  readonly wasStale: boolean;

  constructor(cause: Error, wasStale: boolean) {
    super("The connection to the model server failed.", { cause });
    this.name = "ConnectionFailure";
    this.wasStale = wasStale;
  }
}

/** How long to wait for the end of the body after the reply is complete. If it comes in time, the connection can be reused. */
const bodyEndTimeoutMs = 1_000;

/** Error codes of a connection that broke after it was established. */
const brokenCodes = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE", "ETIMEDOUT"]);

/** Sends a request. Resolves when the reply is complete. Rejects with an HttpError, a ConnectionFailure, the signal's reason, or the reader's error. */
export function exchange(options: ExchangeOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { origin, path, headers, dispatcher } = options.endpoint;
  const { body } = options;
  const request = { origin, path, method: "POST", headers, body, headersTimeout: 0, bodyTimeout: 0 } as const;
  dispatcher.dispatch(request, new ExchangeHandler(options, { resolve, reject }));
  return promise;
}

interface Settle {
  resolve(): void;
  reject(error: unknown): void;
}

/** Called by undici directly, without a stream in between. */
class ExchangeHandler implements ConnectionHandler {
  connection?: Connection;
  readonly #reader: BodyReader;
  readonly #signal: AbortSignal;
  readonly #secrets: string[];
  readonly #settle: Settle;
  #controller: Dispatcher.DispatchController | undefined;
  #httpError: HttpErrorReader | undefined;
  #encoding = "";
  /** Null if the body is not compressed; undefined before its first byte. */
  #decoder: BodyDecoder | null | undefined;
  /** Called once the decoder has given everything. */
  #onDecoded = () => this.#bodyEnded();
  #bodyEndTimer: NodeJS.Timeout | undefined;
  #unread: Buffer[] = [];
  #isReused = false;
  #isAnswered = false;

  constructor({ endpoint, reader, signal }: ExchangeOptions, settle: Settle) {
    this.#reader = reader;
    this.#signal = signal;
    this.#secrets = secretsOf(endpoint);
    this.#settle = settle;
    signal.addEventListener("abort", this.#abort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#abort();
    if (!this.connection) return;
    this.#isReused = this.connection.isUsed;
    this.connection.isUsed = true;
  }

  onResponseStarted(): void {
    this.#isAnswered = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#encoding = headers["content-encoding"] ?? "";
    if (status < 300) this.#try(() => this.#reader.begin(headers));
    else this.#httpError = new HttpErrorReader(status, headers, this.#secrets);
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.#decoder === undefined) {
      const decoder = bodyDecoder(this.#encoding, bytes, {
        onData: (decoded) => this.#data(decoded),
        onDrain: () => controller.resume(),
        onEnd: () => this.#onDecoded(),
        onError: (error) => this.#end(new ConnectionFailure(error, false)),
      });
      this.#decoder = decoder ?? null;
    }
    if (!this.#decoder) this.#data(bytes);
    else if (!this.#decoder.write(bytes)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#decoder) this.#decoder.end();
    else this.#bodyEnded();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error & { code?: string }): void {
    this.#onDecoded = () => this.#broken(error);
    if (this.#decoder && !this.#signal.aborted) this.#decoder.end();
    else this.#onDecoded();
  }

  #data(bytes: Buffer): void {
    if (this.#httpError) {
      this.#httpError.read(bytes);
      if (this.#httpError.isFull) this.#end(this.#httpError.error());
    } else if (!this.#reader.isOver && this.#unread.push(bytes) === 1) queueMicrotask(() => this.#read());
  }

  /** HTTP chunks that came in one network read are read together, since servers send a chunk per token. */
  #read(): void {
    if (this.#unread.length === 0 || this.#signal.aborted) return;
    const bytes = this.#unread.length === 1 ? this.#unread[0] : Buffer.concat(this.#unread);
    this.#unread = [];
    if (bytes) this.#try(() => this.#reader.read(bytes));
    if (this.#reader.isOver) this.#complete();
  }

  #bodyEnded(): void {
    this.#read();
    this.#cleanUp();
    if (this.#httpError) this.#settle.reject(this.#httpError.error());
    else if (!this.#reader.isOver) this.#try(() => this.#reader.end());
    this.#settle.resolve(); // no effect after a rejection
  }

  #broken(error: Error & { code?: string }): void {
    this.#read();
    this.#cleanUp();
    const wasStale = this.#isReused && !this.#isAnswered && brokenCodes.has(error.code ?? "");
    this.#settle.reject(this.#httpError?.error() ?? new ConnectionFailure(error, wasStale));
  }

  /** Resolves, but keeps reading until the body ends. */
  #complete(): void {
    this.#settle.resolve();
    this.#signal.removeEventListener("abort", this.#abort);
    const giveUp = () => this.#end(new Error("The reply does not end."));
    this.#bodyEndTimer = setTimeout(giveUp, bodyEndTimeoutMs).unref();
  }

  readonly #abort = () => this.#end(this.#signal.reason);

  #try(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#end(error);
    }
  }

  /** Closes the connection, if there is one yet. */
  #end(reason: unknown): void {
    this.#settle.reject(reason);
    this.#cleanUp();
    this.#controller?.abort(reason instanceof Error ? reason : new Error("aborted"));
  }

  #cleanUp(): void {
    clearTimeout(this.#bodyEndTimer);
    this.#signal.removeEventListener("abort", this.#abort);
    this.#decoder?.stop();
    this.#unread = [];
  }
}
