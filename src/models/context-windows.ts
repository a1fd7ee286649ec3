import { calcPrice } from "@pydantic/genai-prices";

import type { Room } from "../../graphs/chat-model.ts";
import type { Config } from "../config.ts";
import { publishedAs } from "./prices.ts";

/** What is left for the answer, if its length has no limit: a quarter of the context, and so much at most. */
const answerShare = 0.25;
const maxAnswerTokens = 4_096;

/** The largest part of the context that is left for an answer with a limit. If that is too little, the server says so. */
const maxAnswerShare = 0.75;

/** The estimates of `tokensOf` are often too low by so much. */
const margin = 0.05;

/** Of the models asked last. */
const maxModels = 200;

/** What was learned from refusals counts for so long, in ms: the server may be set up anew. */
const learnedMs = 3_600_000;

/** A request that is so much longer than one that was answered is not worth trying. */
const closeEnough = 1.25;

/** A request that is shorter and refused is refused for another reason. */
const minLearned = 512;

/** All in tokens. */
interface Learned {
  /** The shortest request that was refused. */
  refused: number;
  /** The longest one that was answered. */
  answered: number;
  /** What the server said. */
  told: number | undefined;
  until: number;
}

/** The contexts of the models: as set, as published, and as learned from refusals. Lives as long as the process. */
export class ContextWindows {
  readonly #config: Config;
  readonly #now: () => number;
  readonly #published = new Map<string, number | undefined>();
  readonly #learned = new Map<string, Learned>();

  constructor(config: Config, now: () => number = Date.now) {
    this.#config = config;
    this.#now = now;
  }

  /** The room in a request to this model. `maxTokens` is the length limit of the answer. */
  room(model: string, maxTokens: number | undefined): Room {
    const windows = this;
    return {
      get tokens() {
        const window = windows.#windowOf(model);
        if (window === Number.POSITIVE_INFINITY) return window;
        const answer = maxTokens ?? Math.min(maxAnswerTokens, answerShare * window);
        return Math.floor(window - Math.min(answer, maxAnswerShare * window));
      },
      refused: (tokens, told) => windows.#refused(model, tokens, told),
      answered: (tokens) => windows.#answered(model, tokens),
    };
  }

  /** As set or published, in tokens. Undefined if nothing is known. */
  known(model: string): number | undefined {
    const known = this.#known(model) / (1 - margin);
    return Number.isFinite(known) ? Math.round(known) : undefined;
  }

  /** True if an answer of this length fits into no request. */
  isOver(model: string, maxTokens: number): boolean {
    return maxTokens >= this.#windowOf(model);
  }

  #windowOf(model: string): number {
    return Math.min(this.#known(model), this.#learnedLimit(model));
  }

  /** MODEL_CONTEXT_TOKENS is the context of MODEL; no other model is sent more either. */
  #known(model: string): number {
    const { MODEL, MODEL_CONTEXT_TOKENS: set } = this.#config;
    const published = set !== undefined && model === MODEL ? undefined : this.#publishedOf(model);
    return (1 - margin) * Math.min(set ?? Number.POSITIVE_INFINITY, published ?? Number.POSITIVE_INFINITY);
  }

  #publishedOf(model: string): number | undefined {
    if (this.#published.has(model)) return this.#published.get(model);
    const { names, provider } = publishedAs(model, this.#config.OPENAI_BASE_URL);
    const windows = provider ? names.map((name) => calcPrice({}, name, provider)?.model.context_window) : [];
    const window = windows.find((one) => one !== undefined && one > 0);
    put(this.#published, model, window);
    return window;
  }

  /** Between what was answered and what was refused; what the server said counts if it is there, too. */
  #learnedLimit(model: string): number {
    const learned = this.#valid(model);
    if (!learned) return Number.POSITIVE_INFINITY;
    const { refused, answered } = learned;
    const told = learned.told === undefined ? undefined : (1 - margin) * learned.told;
    if (told !== undefined && told < refused && told > answered) return told;
    if (answered === 0) return Math.max(minLearned, refused / 2);
    return Math.max(minLearned, refused / answered < closeEnough ? answered : Math.sqrt(answered * refused));
  }

  #refused(model: string, tokens: number, told: number | undefined): void {
    const known = this.#valid(model);
    const refused = Math.min(tokens, known?.refused ?? tokens);
    const answered = known && known.answered < refused ? known.answered : 0;
    const until = this.#now() + learnedMs;
    put(this.#learned, model, { refused, answered, told: told ?? known?.told, until });
  }

  #answered(model: string, tokens: number): void {
    const known = this.#valid(model);
    if (!known) return;
    if (tokens >= known.refused) this.#learned.delete(model);
    else known.answered = Math.max(known.answered, tokens);
  }

  #valid(model: string): Learned | undefined {
    const known = this.#learned.get(model);
    return known && known.until > this.#now() ? known : undefined;
  }
}

function put<Value>(map: Map<string, Value>, model: string, value: Value): void {
  map.delete(model);
  map.set(model, value);
  const [oldest] = map.keys();
  if (map.size > maxModels && oldest !== undefined) map.delete(oldest);
}
