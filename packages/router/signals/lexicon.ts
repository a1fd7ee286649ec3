import { circumstances } from "./circumstances.ts";
import { classes, fold, lower } from "./letters.ts";
import { requests } from "./requests.ts";
import { mix, type Stems, seed, type Tokens, tokenise, tokens } from "./tokens.ts";

const words = { ...requests, ...circumstances };

/** Words that appear in nearly every attempt to instruct the router; see `manipulation.ts`. */
const routerWords = `rout* conversation_type classif* clasific* klassif* classe* ignor* vergiss forget disregard oublie olvida esquec* dimentica system administrator admin override
  ai engine engines problem_solv* multi_step* multistep* generationconversation simpleconversation complexconversation analysisconversation problemsolver label* categor* kategor*
  simple complex analysis generation problem multi mode modo intent pretend маршрутиз* классиф* игнор* забудь 라우터 분류* 무시* enrutador roteador yonlendir* siniflandir* abaikan greeting greetings talk`;

export type Category = keyof typeof words;

export const categories = Object.keys(words) as Category[];

/** One bit per category. */
export const bit = Object.fromEntries(categories.map((category, index) => [category, 1 << index])) as Record<
  Category,
  number
>;

const whole = new Map<number, number>();
const beginnings = new Map<number, number>();
const phrases = new Map<number, number>();
const longest = new Map<number, number>();
/** A Bloom filter for `beginnings`: avoids most map lookups. */
const sieve = new Uint8Array(1 << 13);

/** The tables that the tokeniser looks words up in. */
export const stems: Stems = { whole, beginnings, sieve };

const read = tokens(16);
const none: Stems = { whole: new Map(), beginnings: new Map(), sieve: new Uint8Array(0) };

/** The categories of a token, and of every phrase that starts with it. */
export function categoriesAt(read: Tokens, index: number): number {
  let found = read.stems[index] ?? 0;
  let hash = read.hash[index] ?? 0;
  const reach = longest.get(hash) ?? 1;
  const last = Math.min(read.count, index + reach);
  for (let next = index + 1; next < last; next++) {
    hash = join(hash, read.hash[next] ?? 0);
    found |= phrases.get(hash) ?? 0;
  }
  return found;
}

export function join(left: number, right: number): number {
  return mix(mix(left, 0x5f), right) | 0;
}

function enter(entry: string, category: number, literal = false): void {
  const length = entry.endsWith("*") ? entry.length - 1 : entry.length;
  if (length < entry.length) {
    const hash = hashOf(entry, length);
    mark(beginnings, hash, category);
    sieve[hash & 0x1fff] = 1;
    return;
  }
  if (isPlain(entry)) {
    mark(whole, hashOf(entry, length), category);
    return;
  }
  read.count = 0;
  const text = literal ? entry : entry.replaceAll("_", " ");
  tokenise(text, { from: 0, to: text.length, zone: 0, sentence: 0 }, read, none);
  const first = read.hash[0] ?? 0;
  if (read.count === 1) {
    mark(whole, first, category);
    return;
  }
  let hash = first;
  for (let index = 1; index < read.count; index++) hash = join(hash, read.hash[index] ?? 0);
  mark(phrases, hash, category);
  longest.set(first, Math.max(longest.get(first) ?? 1, read.count));
}

/** True for an entry of lower-case ASCII letters. Most are, and need no tokenising. */
function isPlain(entry: string): boolean {
  for (let at = 0; at < entry.length; at++) if (classes[entry.charCodeAt(at)] !== lower) return false;
  return true;
}

function hashOf(word: string, length: number): number {
  let hash = seed;
  for (let at = 0; at < length; at++) hash = mix(hash, fold(word.charCodeAt(at)));
  return hash;
}

function mark(table: Map<number, number>, hash: number, category: number): void {
  table.set(hash, (table.get(hash) ?? 0) | category);
}

/** The bit of words that trigger the check for instructions to the router. */
export const router = 1 << 31;

for (const entry of routerWords.split(/\s+/)) enter(entry, router, true);
for (const category of categories) {
  for (const entry of words[category].split(/\s+/)) enter(entry, bit[category]);
}
