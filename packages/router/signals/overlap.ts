import { router } from "./lexicon.ts";
import type { Reading } from "./reading.ts";
import { kinds, type Tokens, zones } from "./tokens.ts";

/** Words that a message has in common with the turns before it. */
export interface Overlap {
  sharedWords: number;
  newWords: number;
  share: number;
  sharedNames: number;
  newNames: number;
  /** Words with a definite article that also occur in the previous turn. */
  theKnown: number;
  /** The share of words that the user's last message had too. */
  repeats: number;
  /** Words and names found only in the user's earlier messages, not in the previous turn. */
  sharedBefore: number;
}

const size = 4096;
const assistantWords = new Int32Array(size);
const userWords = new Int32Array(size);
const wordsBefore = new Int32Array(size);

export function overlap(message: Reading, assistant: Reading, user: Reading, before: Reading): Overlap {
  fill(assistantWords, assistant.tokens);
  fill(userWords, user.tokens);
  fill(wordsBefore, before.tokens);
  const { count, hash, kind, zone, stems, start, end } = message.tokens;
  let sharedWords = 0;
  let newWords = 0;
  let sharedNames = 0;
  let newNames = 0;
  let theKnown = 0;
  let repeated = 0;
  let sharedBefore = 0;
  for (let at = 0; at < count; at++) {
    if (zone[at] !== zones.prose) continue;
    const name =
      kind[at] === kinds.identifier ||
      kind[at] === kinds.path ||
      kind[at] === kinds.quoted ||
      kind[at] === kinds.mention;
    if (
      !name &&
      (kind[at] !== kinds.word || (end[at] ?? 0) - (start[at] ?? 0) < 4 || ((stems[at] ?? 0) & ~router) !== 0)
    )
      continue;
    const key = hash[at] ?? 0;
    const known = has(assistantWords, key);
    const own = has(userWords, key);
    if (own) repeated++;
    if (name) known || own ? sharedNames++ : newNames++;
    if (known || own) {
      sharedWords++;
      if (at > 0 && isThe(message.text, start[at - 1] ?? 0, end[at - 1] ?? 0)) theKnown++;
    } else {
      newWords++;
      if (has(wordsBefore, key)) sharedBefore++;
    }
  }
  const all = sharedWords + newWords;
  return {
    sharedWords,
    newWords,
    share: all ? sharedWords / all : 0,
    sharedNames,
    newNames,
    theKnown,
    repeats: all ? repeated / all : 0,
    sharedBefore,
  };
}

const articles = new Set([
  "the",
  "der",
  "die",
  "das",
  "den",
  "dem",
  "le",
  "la",
  "les",
  "el",
  "los",
  "las",
  "o",
  "os",
  "as",
  "il",
  "lo",
  "gli",
  "de",
  "het",
]);

function isThe(text: string, start: number, end: number): boolean {
  return end - start <= 3 && articles.has(text.slice(start, end).toLowerCase());
}

function fill(table: Int32Array, { count, hash }: Tokens): void {
  table.fill(0);
  for (let at = 0; at < count; at++) {
    const key = hash[at] ?? 0;
    let slot = key & (size - 1);
    while (table[slot] !== 0 && table[slot] !== key) slot = (slot + 1) & (size - 1);
    table[slot] = key;
  }
}

function has(table: Int32Array, key: number): boolean {
  let slot = key & (size - 1);
  while (table[slot] !== 0) {
    if (table[slot] === key) return true;
    slot = (slot + 1) & (size - 1);
  }
  return false;
}
