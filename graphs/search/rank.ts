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

export interface Ranked<Item> {
  item: Item;
  score: number;
}

/**
 * The texts that have words of the query, the best first, by BM25. It reads them all: to make an index first would take a hundred times as long,
 * and a turn searches once or twice.
 */
export function ranked<Item extends { text: string }>(query: string, items: readonly Item[]): Ranked<Item>[] {
  const terms = termsOf(query);
  const hits = items.map(({ text }) => terms.map(({ pattern }) => countOf(pattern, text)));
  const meanLength = items.reduce((sum, { text }) => sum + text.length, 0) / Math.max(items.length, 1);
  const weights = terms.map((_, k) => {
    const having = hits.filter((counts) => (counts[k] ?? 0) > 0).length;
    return Math.log(1 + (items.length - having + 0.5) / (having + 0.5));
  });
  const scored = items.map((item, index) => {
    const norm = saturation * (1 - lengthShare + (lengthShare * item.text.length) / meanLength);
    const score = (hits[index] ?? []).reduce(
      (sum, count, k) => sum + ((weights[k] ?? 0) * count * (saturation + 1)) / (count + norm),
      0,
    );
    return { item, score };
  });
  return scored.filter(({ score }) => score > 0).sort((one, other) => other.score - one.score);
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
