import { setImmediate as pause } from "node:timers/promises";

import { cut } from "../text.ts";

/** BM25: how soon more hits in a text count less, and how much longer texts are held back. */
const saturation = 1.2;
const lengthShare = 0.75;

/** More words would only slow the search down. */
const maxTerms = 24;

/** A word of a query. */
interface Term {
  /** Finds the word, and others with the same stem. */
  pattern: RegExp;
}

/** In UTF-16 units. An excerpt begins with a whole word, unless that is longer. */
const longestWord = 40;

/** After so many texts, other turns get their chance. */
const textsAtOnce = 500;

/**
 * Finds the texts that have words of the query, the best first, by BM25. It reads them all: to make an index first would take thirty times as
 * long, and a turn searches once or twice.
 */
export class Search<Item extends { text: string }> {
  readonly #terms: readonly Term[];
  readonly #found: { item: Item; counts: number[] }[] = [];
  #length = 0;

  constructor(query: string) {
    this.#terms = termsOf(query);
  }

  /** How many texts were added. */
  get size(): number {
    return this.#found.length;
  }

  async add(items: readonly Item[]): Promise<void> {
    for (const item of items) {
      this.#found.push({ item, counts: this.#terms.map(({ pattern }) => countOf(pattern, item.text)) });
      this.#length += item.text.length;
      if (this.#found.length % textsAtOnce === 0) await pause();
    }
  }

  best(limit: number): Item[] {
    const { length: all } = this.#found;
    const weights = this.#weights();
    const scored = this.#found.map(({ item, counts }) => {
      const norm = saturation * (1 - lengthShare + (lengthShare * item.text.length * all) / this.#length);
      const score = counts.reduce(
        (sum, count, k) => sum + ((weights[k] ?? 0) * count * (saturation + 1)) / (count + norm),
        0,
      );
      return { item, score };
    });
    const hits = scored.filter(({ score }) => score > 0).sort((one, other) => other.score - one.score);
    return hits.slice(0, limit).map(({ item }) => item);
  }

  /** The part of a text around its rarest word of the query, of about `units` UTF-16 units. */
  excerpt(text: string, units: number): string {
    const weights = this.#weights();
    const places = this.#terms.map(({ pattern }, k) => ({ at: text.search(pattern), weight: weights[k] ?? 0 }));
    const [place] = places.filter(({ at }) => at >= 0).sort((one, other) => other.weight - one.weight);
    const first = Math.floor(Math.max(0, Math.min((place?.at ?? 0) - units / 2, text.length - units)));
    const start = Math.max(first - longestWord, text.lastIndexOf(" ", first) + 1, 0);
    const piece = cut(text.slice(start), units);
    const rest = start + piece.length < text.length ? " …" : "";
    return `${start > 0 ? "… " : ""}${piece.toWellFormed().trim()}${rest}`;
  }

  /** Rare words count more. */
  #weights(): number[] {
    const { length: all } = this.#found;
    return this.#terms.map((_, k) => {
      const having = this.#found.filter(({ counts }) => (counts[k] ?? 0) > 0).length;
      return Math.log(1 + (all - having + 0.5) / (having + 0.5));
    });
  }
}

function countOf(pattern: RegExp, text: string): number {
  return text.match(pattern)?.length ?? 0;
}

/** Scripts without spaces between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

function termsOf(query: string): Term[] {
  const words =
    query
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const parts = new Set(words.flatMap((word) => (unspaced.test(word) ? pairsIn(word) : [word])));
  return [...parts].slice(0, maxTerms).map((part) => ({ pattern: patternOf(part) }));
}

/** Two characters at a time. */
function pairsIn(word: string): string[] {
  const letters = [...word];
  return letters.length < 3 ? [word] : letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
}

/** Long words count without their ending and inside of others: "notices" finds "notice", "Frist" finds "Kündigungsfrist". */
function patternOf(word: string): RegExp {
  if (unspaced.test(word)) return new RegExp(word, "gu");
  const { length } = word;
  const stem = word.slice(0, length > 6 ? length - 2 : length > 4 ? length - 1 : length);
  if (/\p{N}/u.test(word) || length < 4) return new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, "giu");
  return new RegExp(length > 4 ? stem : `(?<![\\p{L}\\p{N}])${stem}`, "giu");
}
