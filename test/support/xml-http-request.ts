/** A minimal XMLHttpRequest over fetch, for the long poll of older phoenix.js versions. */
export class XmlHttpRequest {
  readyState = 0;
  status = 0;
  responseText = "";
  timeout = 0;
  onreadystatechange: () => void = () => {};
  onerror: () => void = () => {};
  ontimeout: () => void = () => {};
  readonly #headers = new Headers();
  readonly #controller = new AbortController();
  #method = "GET";
  #url = "";

  open(method: string, url: string): void {
    this.#method = method;
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  send(body?: string | null): void {
    this.#exchange(body ?? undefined).catch(() => {
      if (!this.#controller.signal.aborted) this.onerror();
    });
  }

  abort(): void {
    this.#controller.abort();
  }

  async #exchange(body: string | undefined): Promise<void> {
    const timer = this.timeout > 0 ? setTimeout(() => this.#timeOut(), this.timeout) : undefined;
    try {
      const init = { method: this.#method, headers: this.#headers, body, signal: this.#controller.signal };
      const response = await fetch(this.#url, init);
      this.status = response.status;
      this.responseText = await response.text();
    } finally {
      clearTimeout(timer);
    }
    this.readyState = 4;
    this.onreadystatechange();
  }

  #timeOut(): void {
    this.abort();
    this.ontimeout();
  }
}
