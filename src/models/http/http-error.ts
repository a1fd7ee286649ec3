import type { IncomingHttpHeaders } from "node:http";

import { type ErrorText, errorText } from "./error-text.ts";

/** Longer error bodies are not read to their end. */
const maxBodyBytes = 65_536;

/** The model server answered with an error status, or told of an error in a reply with status 200. `message` is the server's, without secrets. */
export class HttpError extends Error {
  /** For an error in a reply: the status that fits it. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The provider's error code. */
  readonly code: string | undefined;
  /** The provider's kind of error, such as `invalid_request_error`. */
  readonly type: string | undefined;
  /** The refused parameter, if the server names it in a field of its own. */
  readonly param: string | undefined;

  constructor(status: number, headers: IncomingHttpHeaders, { message, code, type, param }: ErrorText) {
    super(message ?? `HTTP status ${status}`);
    this.name = "HttpError";
    this.status = status;
    this.headers = headers;
    this.code = code;
    this.type = type;
    this.param = param;
  }
}

/** Reads the body of an error response. */
export class HttpErrorReader {
  readonly #status: number;
  readonly #headers: IncomingHttpHeaders;
  readonly #secrets: string[];
  readonly #decoder = new TextDecoder();
  #body = "";
  #length = 0;

  constructor(status: number, headers: IncomingHttpHeaders, secrets: string[]) {
    this.#status = status;
    this.#headers = headers;
    this.#secrets = secrets;
  }

  read(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.isFull) return;
    this.#body += this.#decoder.decode(bytes, { stream: true });
  }

  get isFull(): boolean {
    return this.#length > maxBodyBytes;
  }

  error(): HttpError {
    return new HttpError(this.#status, this.#headers, errorText(this.#body, this.#secrets));
  }
}
