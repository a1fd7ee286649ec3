/** A server that runs. */
export interface Server {
  /** Its base URL, with the actual port. */
  url: string;
  /** The base URL of `/metrics`, if it has an address of its own. */
  metricsUrl?: string;
  /** Refuses new messages, waits for running turns up to DRAIN_TIMEOUT_MS, then closes. */
  drain(): Promise<void>;
  /** Closes at once. Unfinished turns run again at the next start. */
  close(): Promise<void>;
  /** Reads API_KEYS_FILE again. */
  reloadKeys(): void;
  /** Resolves if the store fails for good: the process has to exit. */
  failed: Promise<Error>;
}
