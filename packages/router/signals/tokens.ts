import { classes, digit, fold, folded, lower, sign, underscore, upper } from "./letters.ts";

/** What a token is, judging by its characters. */
export const kinds = { word: 0, number: 1, identifier: 2, path: 3, url: 4, mention: 5, quoted: 6, sign: 7 } as const;

/** The type of the line that a token is in. */
export const zones = { prose: 0, code: 1, log: 2, quote: 3 } as const;

/** Tokens in columns. The arrays are reused, so that reading a message allocates almost nothing. */
export interface Tokens {
  count: number;
  hash: Int32Array;
  kind: Uint8Array;
  zone: Uint8Array;
  sentence: Uint16Array;
  start: Uint16Array;
  end: Uint16Array;
  /** Bit mask of the lexicon's categories that the word is in. Phrases are matched later. */
  stems: Int32Array;
}

export function tokens(capacity: number): Tokens {
  return {
    count: 0,
    hash: new Int32Array(capacity),
    kind: new Uint8Array(capacity),
    zone: new Uint8Array(capacity),
    sentence: new Uint16Array(capacity),
    start: new Uint16Array(capacity),
    end: new Uint16Array(capacity),
    stems: new Int32Array(capacity),
  };
}

export const seed = 0x811c9dc5 | 0;
const prime = 0x01000193;

export function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, prime);
}

/** The categories of words and of word beginnings, by hash. */
export interface Stems {
  whole: ReadonlyMap<number, number>;
  beginnings: ReadonlyMap<number, number>;
  /** A Bloom filter for `beginnings`: avoids most map lookups. */
  sieve: Uint8Array;
}

/** Appends the tokens of text[from, to). Returns the number of the sentence that follows. */
export function tokenise(
  text: string,
  range: { from: number; to: number; zone: number; sentence: number },
  into: Tokens,
  stems: Stems,
): number {
  const { zone, to } = range;
  let sentence = range.sentence;
  let at = range.from;
  while (at < to && into.count < into.hash.length) {
    const code = text.charCodeAt(at);
    if (code === 96 && zone === zones.prose) {
      const close = text.indexOf("`", at + 1);
      if (close > at + 1 && close < to && close < at + 120) {
        add(into, quotedHash(text, at + 1, close), kinds.quoted, zone, sentence, at + 1, close, 0);
        at = close + 1;
        continue;
      }
    }
    if (classes[code] === 0 && !(code === 64 && (classes[text.charCodeAt(at + 1)] ?? 0) > 0)) {
      if (ends(text, at, code)) sentence++;
      at++;
      continue;
    }
    if (classes[code] === sign) {
      add(into, mix(seed, code), kinds.sign, zone, sentence, at, at + 1, 0);
      at++;
      continue;
    }
    at = word(text, at, to, zone, sentence, into, stems);
  }
  return sentence;
}

function ends(text: string, at: number, code: number): boolean {
  if (code === 0x3002 || code === 0xff1f || code === 0xff01 || code === 0x0964) return true;
  if (code !== 46 && code !== 33 && code !== 63 && code !== 59) return false;
  const next = text.charCodeAt(at + 1);
  return next === 32 || next === 10 || next === 41 || Number.isNaN(next);
}

function quotedHash(text: string, from: number, to: number): number {
  let hash = seed;
  for (let at = from; at < to; at++) hash = mix(hash, fold(text.charCodeAt(at)));
  return hash;
}

function word(
  text: string,
  from: number,
  to: number,
  zone: number,
  sentence: number,
  into: Tokens,
  stems: Stems,
): number {
  let hash = seed;
  let categories = 0;
  let letters = 0;
  let digits = 0;
  let slashes = 0;
  let dots = 0;
  let joints = 0;
  let humps = 0;
  let at = from;
  const mention = text.charCodeAt(from) === 64;
  if (mention) at++;
  for (; at < to; at++) {
    const code = text.charCodeAt(at);
    const of = classes[code] ?? 0;
    if (of === sign) break;
    if (of > 0) {
      if (of === digit) digits++;
      else if (of === underscore) joints++;
      else letters++;
      if (of === upper && at > from && classes[text.charCodeAt(at - 1)] === lower) humps++;
    } else {
      const next = text.charCodeAt(at + 1);
      const goesOn = at + 1 < to && classes[next] !== 0 && classes[next] !== sign;
      if (!goesOn && !(code === 58 && next === 47) && code !== 47) break;
      if (code === 47 || code === 92) slashes++;
      else if (code === 46) dots++;
      else if (code === 58 && (next === 47 || text.charCodeAt(at - 1) === 58)) joints++;
      else if (!(code === 39 || code === 0x2019) && !(code === 45 && slashes + dots > 0)) break;
    }
    hash = Math.imul(hash ^ (code < 0x2000 ? (folded[code] ?? 0) : fold(code)), prime);
    if (at > from && at < from + 12 && stems.sieve[hash & 0x1fff] === 1) categories |= stems.beginnings.get(hash) ?? 0;
  }
  categories |= stems.whole.get(hash) ?? 0;
  const kind = mention
    ? kinds.mention
    : slashes > 1 && (text.startsWith("://", from + 4) || text.startsWith("://", from + 5))
      ? kinds.url
      : slashes > 1 || (slashes > 0 && dots > 0) || (dots > 0 && hasExtension(text, from, at))
        ? kinds.path
        : letters === 0
          ? kinds.number
          : joints > 0 || humps > 0 || dots > 0 || (digits > 0 && letters > 0) || text.charCodeAt(at) === 40
            ? kinds.identifier
            : kinds.word;
  add(into, hash, kind, zone, sentence, from, at, categories);
  return Math.max(at, from + 1);
}

const extensions =
  /\.(?:[cm]?[jt]sx?|py|ipynb|rb|exs?|erl|go|rs|java|kts?|cs|cpp|cc|h|hpp|c|php|swift|dart|lua|vue|svelte|html?|s?css|less|json|ya?ml|toml|xml|md|mdx|txt|csv|sql|sh|ps1|bat|env|conf|cfg|ini|log|tf|gradle|lock|proto|ino|pdf|xlsx?|docx?|r|m|jl|hs|scala|pl|vb|tex)$/i;

function hasExtension(text: string, from: number, to: number): boolean {
  return extensions.test(text.slice(Math.max(from, to - 8), to));
}

function add(
  into: Tokens,
  hash: number,
  kind: number,
  zone: number,
  sentence: number,
  start: number,
  end: number,
  stems: number,
): void {
  const index = into.count++;
  into.hash[index] = hash;
  into.kind[index] = kind;
  into.zone[index] = zone;
  into.sentence[index] = sentence;
  into.start[index] = start;
  into.end[index] = end;
  into.stems[index] = stems;
}
