import type { IncomingHttpHeaders } from "node:http";

/** Longer error bodies are not read to their end. */
const maxBodyBytes = 65_536;

/** The model server answered with an error status. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The provider's error code. */
  readonly code: string | undefined;

  constructor(status: number, headers: IncomingHttpHeaders, body: string) {
    super(`HTTP status ${status}`);
    this.name = "HttpError";
    this.status = status;
    this.headers = headers;
    this.code = codeIn(body);
  }
}

/** Reads the body of an error response. */
export class HttpErrorReader {
  readonly #status: number;
  readonly #headers: IncomingHttpHeaders;
  readonly #decoder = new TextDecoder();
  #body = "";
  #length = 0;

  constructor(status: number, headers: IncomingHttpHeaders) {
    this.#status = status;
    this.#headers = headers;
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
    return new HttpError(this.#status, this.#headers, this.#body);
  }
}

function codeIn(body: string): string | undefined {
  try {
    const code: unknown = JSON.parse(body)?.error?.code;
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined; // not JSON, such as a proxy's HTML page
  }
}
