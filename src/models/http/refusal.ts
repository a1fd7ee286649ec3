import type { IncomingHttpHeaders } from "node:http";

/** In bytes: of a longer body the rest is not read. */
const longestRefusal = 65_536;

/** A model server answered with a status that is no success. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The provider's own word for what is wrong. */
  readonly code: string | undefined;

  constructor(status: number, headers: IncomingHttpHeaders, body: string) {
    super(`HTTP status ${status}`);
    this.name = "HttpRefusal";
    this.status = status;
    this.headers = headers;
    this.code = codeIn(body);
  }
}

/** Reads why a server refused, as far as it says. */
export class RefusalReader {
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
    return this.#length > longestRefusal;
  }

  refusal(): HttpRefusal {
    return new HttpRefusal(this.#status, this.#headers, this.#body);
  }
}

function codeIn(body: string): string | undefined {
  try {
    const code: unknown = JSON.parse(body)?.error?.code;
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined; // Proxies answer with pages.
  }
}
