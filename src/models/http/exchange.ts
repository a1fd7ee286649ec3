import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";

import type { Connection, Sent } from "./connections.ts";
import type { Endpoint } from "./endpoint.ts";
import { RefusalReader } from "./refusal.ts";

/** What a reply is read with. What its methods throw ends the exchange. */
export interface BodyReader {
  begin(headers: IncomingHttpHeaders): void;
  read(bytes: Buffer): void;
  end(): void;
  /** All is said; what still comes is of no interest. */
  readonly isOver: boolean;
}

/** One request and what is to read its reply; the signal closes it at any moment. */
export interface Sending {
  endpoint: Endpoint;
  body: string;
  reader: BodyReader;
  signal: AbortSignal;
}

/** No answer, or a connection that broke. */
export class ConnectionFailure extends Error {
  /** The connection was kept from an earlier request, and died before a byte of the answer: it may have been dead already. */
  readonly wasStale: boolean;

  constructor(cause: Error, wasStale: boolean) {
    super("The connection to the model server failed.", { cause });
    this.name = "ConnectionFailure";
    this.wasStale = wasStale;
  }
}

/** After all is said: how long the end of the body is waited for, so that the connection can be kept. */
const afterwordMs = 1_000;

/** Errors of a connection that was there. */
const broken = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE", "ETIMEDOUT"]);

/** Sends a request. Resolves when its reader is over; rejects with a HttpRefusal, a ConnectionFailure, or what signal and reader say. */
export function exchange({ endpoint, body, reader, signal }: Sending): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { origin, path, headers, dispatcher } = endpoint;
  const request = { origin, path, method: "POST", headers, body, headersTimeout: 0, bodyTimeout: 0 } as const;
  dispatcher.dispatch(request, new ExchangeHandler(reader, signal, { resolve, reject }));
  return promise;
}

interface Settle {
  resolve(): void;
  reject(error: unknown): void;
}

/** undici's side of an exchange: it calls these as things happen on the connection, without a stream between. */
class ExchangeHandler implements Sent {
  connection?: Connection;
  readonly #reader: BodyReader;
  readonly #signal: AbortSignal;
  readonly #settle: Settle;
  #controller: Dispatcher.DispatchController | undefined;
  #refusal: RefusalReader | undefined;
  #afterword: NodeJS.Timeout | undefined;
  #isOnKeptConnection = false;
  #isAnswered = false;

  constructor(reader: BodyReader, signal: AbortSignal, settle: Settle) {
    this.#reader = reader;
    this.#signal = signal;
    this.#settle = settle;
    signal.addEventListener("abort", this.#abort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#abort();
    if (!this.connection) return;
    this.#isOnKeptConnection = this.connection.isUsed;
    this.connection.isUsed = true;
  }

  onResponseStarted(): void {
    this.#isAnswered = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    if (status < 300) this.#try(() => this.#reader.begin(headers));
    else this.#refusal = new RefusalReader(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.#refusal) {
      this.#refusal.read(bytes);
      if (this.#refusal.isFull) this.#end(this.#refusal.refusal());
    } else if (!this.#reader.isOver) {
      this.#try(() => this.#reader.read(bytes));
      if (this.#reader.isOver) this.#over();
    }
  }

  onResponseEnd(): void {
    this.#tidy();
    if (this.#refusal) this.#settle.reject(this.#refusal.refusal());
    else if (!this.#reader.isOver) this.#try(() => this.#reader.end());
    this.#settle.resolve(); // unless it was rejected
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error & { code?: string }): void {
    this.#tidy();
    const wasStale = this.#isOnKeptConnection && !this.#isAnswered && broken.has(error.code ?? "");
    this.#settle.reject(this.#refusal?.refusal() ?? new ConnectionFailure(error, wasStale));
  }

  /** The end of the body is still read, though nobody waits for it. */
  #over(): void {
    this.#settle.resolve();
    this.#signal.removeEventListener("abort", this.#abort);
    this.#afterword = setTimeout(() => this.#end(new Error("The reply does not end.")), afterwordMs).unref();
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
    this.#controller?.abort(reason instanceof Error ? reason : new Error("aborted"));
  }

  #tidy(): void {
    clearTimeout(this.#afterword);
    this.#signal.removeEventListener("abort", this.#abort);
  }
}
