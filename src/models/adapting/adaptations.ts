import { type Endpoint, withVersion } from "../http/endpoint.ts";
import type { Change, RequestBody } from "./changes.ts";
import { guessable } from "./refused-things.ts";

/** What the requests to a model go without. */
export interface Adapted {
  model: string;
  changes: string[];
}

/** A change that is made to all requests to a model. */
export interface Learned {
  change: Change;
  /** Only for values of the setting from this one on, or up to this one: the server told of a range. */
  from?: number;
  upTo?: number;
  /** Learned by guessing from failures that may have been chance. */
  expiresAt?: number;
}

interface Known {
  learned: Learned[];
  /** Changes that are not needed: a request without them was answered. */
  needless: Set<Change>;
  /** Series of guesses that led to nothing, in a row. */
  vainGuesses: number;
}

/** Of the models asked last. */
const maxModels = 200;

/** Enough for all that there is to change, with some ranges. */
const maxLearned = 24;

/** After so many vain series, requests are to blame, not what they have in common. */
const maxVainGuesses = 2;

/** Remembers, by model name, what a server does not take, and where its endpoint is. One for each server; lives as long as the process. */
export class Adaptations {
  readonly #models = new Map<string, Known>();
  readonly #told = new Set<string>();
  readonly #onLearned: (model: string, change: string) => void;
  readonly #now: () => number;
  #found: Endpoint | undefined;

  /** `onLearned` is called once for each model and change. */
  constructor(onLearned: (model: string, change: string) => void = () => {}, now: () => number = Date.now) {
    this.#onLearned = onLearned;
    this.#now = now;
  }

  /** Where to ask, in order: where the server answered, or as configured, and with the `/v1` that a base URL often lacks. */
  places(configured: Endpoint): Endpoint[] {
    if (this.#found) return [this.#found, configured];
    const versioned = withVersion(configured);
    return versioned ? [configured, versioned] : [configured];
  }

  /** Undefined: as configured. */
  answeredAt(endpoint: Endpoint | undefined): void {
    this.#found = endpoint;
    if (endpoint) this.#tell("*", placeOf(endpoint));
  }

  /** The changes for a request to this model. */
  learned(model: string): readonly Learned[] {
    const known = this.#models.get(model);
    if (!known) return [];
    const isValid = ({ expiresAt }: Learned) => expiresAt === undefined || expiresAt > this.#now();
    return known.learned.every(isValid) ? known.learned : known.learned.filter(isValid);
  }

  /** The changes that might be needed, if the server does not say which. */
  guesses(model: string, body: RequestBody): Change[] {
    const known = this.#models.get(model);
    if (known && known.vainGuesses >= maxVainGuesses) return [];
    return guessable.filter((change) => change.fits(body) && !known?.needless.has(change));
  }

  guessedInVain(model: string): void {
    this.#of(model).vainGuesses += 1;
  }

  /** This request was answered. */
  answered(model: string, body: RequestBody): void {
    const known = this.#of(model);
    known.vainGuesses = 0;
    if (known.needless.size === guessable.length) return;
    for (const change of guessable) if (change.fits(body)) known.needless.add(change);
  }

  learn(model: string, learned: readonly Learned[]): void {
    const known = this.#of(model);
    for (const one of learned) {
      known.learned = [...known.learned.filter(({ change }) => change !== one.change), one].slice(-maxLearned);
      this.#tell(model, one.change.name);
    }
  }

  /** For the workbench and `npm run doctor`. The model `*` stands for all. */
  list(): Adapted[] {
    const models = [...this.#models.keys()].map((model) => ({
      model,
      changes: this.learned(model).map(({ change }) => change.name),
    }));
    const found = this.#found ? [{ model: "*", changes: [placeOf(this.#found)] }] : [];
    return [...found, ...models.filter(({ changes }) => changes.length > 0)];
  }

  #of(model: string): Known {
    const known = this.#models.get(model);
    if (known) return known;
    const [oldest] = this.#models.keys();
    if (this.#models.size >= maxModels && oldest !== undefined) this.#models.delete(oldest);
    const fresh: Known = { learned: [], needless: new Set(), vainGuesses: 0 };
    this.#models.set(model, fresh);
    return fresh;
  }

  #tell(model: string, change: string): void {
    const key = `${model} ${change}`;
    if (this.#told.has(key) || this.#told.size >= maxModels * maxLearned) return;
    this.#told.add(key);
    this.#onLearned(model, change);
  }
}

/** Without its query, which may have a key. */
function placeOf({ origin, path }: Endpoint): string {
  return `requests go to ${origin}${path.split("?", 1)[0]}`;
}
