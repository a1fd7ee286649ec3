/** How a server takes a request for a structured reply. */
export type Dialect = "json_schema" | "tool" | "text";

/** So often in a row has a server to answer without any JSON, before it counts as one that ignores what it is asked for. */
const enough = 2;

/** What was found out, by model name, of how to ask for a structured reply. Lives as long as the server. */
export class Dialects {
  readonly #known: Map<string, Dialect>;
  readonly #ignored = new Map<string, number>();

  /** With what others have found out, to begin with; they learn nothing from it. */
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

  /** The reply had no JSON in it at all, though the same question as text had. */
  ignored(model: string): void {
    const times = (this.#ignored.get(model) ?? 0) + 1;
    this.#ignored.set(model, times);
    if (times >= enough) this.#known.set(model, "text");
  }
}
