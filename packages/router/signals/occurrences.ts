import { bit, categories, categoriesAt } from "./lexicon.ts";
import type { Reading } from "./reading.ts";
import { kinds, type Tokens, zones } from "./tokens.ts";

/** Counts of words and tokens in a message, by category, kind and position. */
export interface Occurrences {
  /** Occurrences per category. */
  counts: Float64Array;
  /** Bit masks of categories: in the first sentence, in the last, in questions, in the first three words. */
  seen: { first: number; last: number; asked: number; start: number };
  /** Bit masks of the verbs that start a sentence: the first one, any, the last one. */
  ordered: { first: number; any: number; last: number };
  prose: number;
  code: number;
  log: number;
  byKind: Int32Array;
  questions: number;
  errorNames: number;
  endsAsking: boolean;
  signs: number;
  definite: number;
  indefinite: number;
  materialFirst: boolean;
}

const polite = bit.want | bit.carryOn | bit.thanks | bit.can;
const ordering = bit.make | bit.change | bit.judge | bit.repair;

const counts = new Float64Array(categories.length);
const seen = { first: 0, last: 0, asked: 0, start: 0 };
const ordered = { first: 0, any: 0, last: 0 };
const byKind = new Int32Array(8);

/** Counts everything in one pass over the tokens. The result's arrays are reused by the next call. */
export function occurrences({ tokens, text }: Reading): Occurrences {
  counts.fill(0);
  byKind.fill(0);
  seen.first = seen.last = seen.asked = seen.start = 0;
  ordered.first = ordered.any = ordered.last = 0;
  const found: Occurrences = {
    counts,
    seen,
    ordered,
    prose: 0,
    code: 0,
    log: 0,
    byKind,
    questions: 0,
    errorNames: 0,
    endsAsking: false,
    signs: 0,
    definite: 0,
    indefinite: 0,
    materialFirst: false,
  };
  const { count, zone, sentence, kind, end } = tokens;
  let firstSentence = -1;
  let current = -1;
  let currentMask = 0;
  let currentOrder = 0;
  let opening = true;
  let politely = false;
  let into = 0;
  for (let at = 0; at < count; at++) {
    const endsIn = (kind[at] === kinds.word || kind[at] === kinds.identifier) && isErrorName(text, end[at] ?? 0);
    if (endsIn) found.errorNames++;
    const where = zone[at];
    if (where !== zones.prose) {
      if (where === zones.code) found.code++;
      else if (where === zones.log) found.log++;
      if (found.prose === 0) found.materialFirst = true;
      continue;
    }
    found.prose++;
    byKind[kind[at] ?? 0] = (byKind[kind[at] ?? 0] ?? 0) + 1;
    const number = sentence[at] ?? 0;
    if (number !== current) {
      close(text, tokens, at - 1);
      current = number;
      currentMask = currentOrder = 0;
      opening = true;
      politely = false;
      into = 0;
      if (firstSentence < 0) firstSentence = number;
    }
    const mask = categoriesAt(tokens, at);
    const article = articleAt(text, tokens.start[at] ?? 0, end[at] ?? 0);
    if (article > 0) found.definite++;
    else if (article < 0) found.indefinite++;
    if (opening) {
      into++;
      if (mask & polite) politely = true;
      if (mask & ordering) currentOrder |= mask & ordering;
      opening = currentOrder === 0 && (politely ? into < 6 : kind[at] === kinds.mention);
    }
    currentMask |= mask;
    if (found.prose <= 3) seen.start |= mask;
    if (number === firstSentence) seen.first |= mask;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const category = 31 - Math.clz32(rest & -rest);
      counts[category] = (counts[category] ?? 0) + 1;
    }
  }
  close(text, tokens, count - 1, true);
  found.signs = byKind[kinds.sign] ?? 0;
  return found;

  function close(text: string, read: Tokens, at: number, final = false): void {
    if (current < 0) return;
    const asks = asking(text, lastProse(read, at, current));
    if (asks) {
      found.questions++;
      seen.asked |= currentMask;
    }
    if (current === firstSentence) ordered.first = currentOrder;
    ordered.any |= currentOrder;
    if (final) {
      seen.last = currentMask;
      ordered.last = currentOrder;
      found.endsAsking = asks;
    }
  }
}

function lastProse({ sentence, end }: Tokens, at: number, current: number): number {
  let last = at;
  while (last > 0 && sentence[last] !== current) last--;
  return end[last] ?? 0;
}

/** True if a question mark follows within the next four characters. */
function asking(text: string, from: number): boolean {
  for (let at = from; at < from + 4; at++) {
    const code = text.charCodeAt(at);
    if (code === 63 || code === 0xff1f || code === 0x061f) return true;
    if (code === 10) return false;
  }
  return false;
}

function isErrorName(text: string, end: number): boolean {
  const last = text.charCodeAt(end - 1);
  return (last === 114 && text.startsWith("Error", end - 5)) || (last === 110 && text.startsWith("Exception", end - 9));
}

const definite = new Set("the der die das den dem le la les el los las os as il gli de het".split(" "));
const indefinite = new Set("a an ein eine einen un une una um uma een eine einem".split(" "));

function articleAt(text: string, start: number, end: number): number {
  if (end - start > 5) return 0;
  const word = text.slice(start, end).toLowerCase();
  return definite.has(word) ? 1 : indefinite.has(word) ? -1 : 0;
}
