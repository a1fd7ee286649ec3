/** How to ask a server for a structured reply. */
export type Dialect = "json_schema" | "tool" | "text";

/** From the most exact to the one that every server understands. */
const ladder: readonly Dialect[] = ["json_schema", "tool", "text"];

/** A dialect that fails so many times in a row is left out. Once may be chance. */
const maxFailures = 2;

/** For how long, in ms. A dialect that the server refuses is left out for good. */
const leftOutMs = 600_000;

/** Of the models asked last. */
const maxModels = 200;

interface Experience {
  works: boolean;
  /** In a row. */
  failures: number;
  leftOutUntil: number;
}

/** Remembers, by model name, which dialects work. Lives as long as the server. */
export class Dialects {
  readonly #models: Map<string, Map<Dialect, Experience>>;
  readonly #now: () => number;

  /** Starts with a copy of what `others` know. */
  constructor(others?: Dialects, now: () => number = Date.now) {
    this.#models = structuredClone(others ? others.#models : new Map());
    this.#now = now;
  }

  /** The dialects to try, in order. The last one is `text`. */
  of(model: string): readonly Dialect[] {
    const known = this.#models.get(model);
    if (!known) return ladder;
    const usable = ladder.filter((dialect) => (known.get(dialect)?.leftOutUntil ?? 0) <= this.#now());
    if (usable[0] === ladder[0]) return usable;
    const first = usable.findIndex((dialect) => known.get(dialect)?.works);
    return usable.slice(Math.max(0, first));
  }

  understood(model: string, dialect: Dialect): void {
    const known = this.#models.get(model)?.get(dialect);
    if (known?.works && known.failures === 0) return;
    this.#set(model, dialect, { works: true, failures: 0, leftOutUntil: 0 });
  }

  /** The server refused the dialect, and understood another one. */
  refused(model: string, dialect: Dialect): void {
    this.#set(model, dialect, { works: false, failures: maxFailures, leftOutUntil: Number.POSITIVE_INFINITY });
  }

  /** No usable reply came in this dialect, so many times in a row, and one came in another. */
  failed(model: string, dialect: Dialect, times: number): void {
    const failures = (this.#models.get(model)?.get(dialect)?.failures ?? 0) + times;
    const leftOutUntil = failures >= maxFailures ? this.#now() + leftOutMs : 0;
    this.#set(model, dialect, { works: false, failures, leftOutUntil });
  }

  /** The models that are not asked by JSON schema first, and how they are. */
  list(): { model: string; dialect: Dialect }[] {
    return [...this.#models.keys()].flatMap((model) => {
      const [dialect = "text"] = this.of(model);
      return dialect === ladder[0] ? [] : [{ model, dialect }];
    });
  }

  #set(model: string, dialect: Dialect, experience: Experience): void {
    const known = this.#models.get(model) ?? new Map<Dialect, Experience>();
    known.set(dialect, experience);
    this.#models.delete(model);
    this.#models.set(model, known);
    const [oldest] = this.#models.keys();
    if (this.#models.size > maxModels && oldest !== undefined) this.#models.delete(oldest);
  }
}
