/** How to ask a server for a structured reply. */
export type Dialect = "json_schema" | "tool" | "text";

/** After this many replies in a row without JSON, the server counts as one that ignores response formats. */
const maxIgnored = 2;

/** Remembers, by model name, which dialect works. Lives as long as the server. */
export class Dialects {
  readonly #known: Map<string, Dialect>;
  readonly #ignored = new Map<string, number>();

  /** Starts with a copy of what `others` know. */
  constructor(others?: Dialects) {
    this.#known = new Map(others ? others.#known : []);
  }

  of(model: string): Dialect {
    return this.#known.get(model) ?? "json_schema";
  }

  understood(model: string, dialect: Dialect): void {
    this.#known.set(model, dialect);
    this.#ignored.delete(model);
  }

  /** The reply had no JSON, but the reply to the same question as text had. */
  ignored(model: string): void {
    const times = (this.#ignored.get(model) ?? 0) + 1;
    this.#ignored.set(model, times);
    if (times >= maxIgnored) this.#known.set(model, "text");
  }
}
