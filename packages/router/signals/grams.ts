import { folded } from "./letters.ts";
import type { Reading } from "./reading.ts";
import { kinds, mix, type Tokens, zones } from "./tokens.ts";

/** A sparse vector of hashed n-grams. The word part and the letter part are each normalized to length 1. */
export interface Grams {
  count: number;
  slot: Int32Array;
  weight: Float64Array;
}

export const slots = 1 << 15;
const capacity = 8192;
const counts = new Float32Array(slots);
const grams: Grams = { count: 0, slot: new Int32Array(capacity), weight: new Float64Array(capacity) };

/** Hashes the words and word pairs (marked by position) and letter n-grams of 3 to 5 of the first and last words. */
export function hashedGrams({ tokens, text }: Reading): Grams {
  grams.count = 0;
  const prose = ends(tokens);
  for (let at = 0; at < prose.length; at++) {
    const token = prose[at] ?? 0;
    const word = identity(tokens, token);
    const sentence = tokens.sentence[token] ?? 0;
    const next = prose[at + 1];
    const pair =
      next === undefined || tokens.sentence[next] !== sentence ? 0 : mix(mix(word, 0x20), identity(tokens, next));
    count(mix(word, 0x77));
    if (pair) count(mix(pair, 0x77));
    if (sentence === tokens.sentence[prose[0] ?? 0]) {
      count(mix(word, 0x66));
      if (pair) count(mix(pair, 0x66));
    }
    if (sentence === tokens.sentence[prose.at(-1) ?? 0]) {
      count(mix(word, 0x6c));
      if (pair) count(mix(pair, 0x6c));
    }
    if (at === 0) count(mix(word, 0x5e));
  }
  settle(0);
  const middle = grams.count;
  for (const token of prose)
    if (tokens.kind[token] === kinds.word || tokens.kind[token] === kinds.sign) letters(text, tokens, token);
  settle(middle);
  return grams;
}

const maxWords = 40;
const chosen: number[] = [];

/** The first and last words of the prose, since the request is rarely in the middle. */
function ends({ count: all, zone }: Tokens): number[] {
  chosen.length = 0;
  for (let at = 0; at < all && chosen.length < maxWords; at++) if (zone[at] === zones.prose) chosen.push(at);
  const from = (chosen.at(-1) ?? -1) + 1;
  const tail: number[] = [];
  for (let at = all - 1; at >= from && tail.length < maxWords; at--) if (zone[at] === zones.prose) tail.push(at);
  for (let at = tail.length - 1; at >= 0; at--) chosen.push(tail[at] ?? 0);
  return chosen;
}

/** Names, paths and numbers are hashed by their kind, not by their text. */
function identity({ kind, hash }: Tokens, token: number): number {
  const of = kind[token] ?? 0;
  return of === kinds.word || of === kinds.sign ? (hash[token] ?? 0) : of;
}

function letters(text: string, { start, end }: Tokens, token: number): void {
  const from = start[token] ?? 0;
  const to = Math.min(end[token] ?? 0, from + 14);
  for (let at = from - 1; at < to; at++) {
    let hash = 0x31;
    for (let next = at; next <= to && next < at + 4; next++) {
      const code = next < from || next === to ? 32 : text.charCodeAt(next);
      hash = mix(hash, folded[code] ?? code);
      if (next - at >= 2) count(hash);
    }
  }
}

function count(hash: number): void {
  const slot = (hash ^ (hash >>> 15)) & (slots - 1);
  if (counts[slot] === 0) {
    if (grams.count === capacity) return;
    grams.slot[grams.count++] = slot;
  }
  counts[slot] = (counts[slot] ?? 0) + 1;
}

/** Turns the counts since `from` into logarithmic weights, normalized to length 1. */
function settle(from: number): void {
  let square = 0;
  for (let at = from; at < grams.count; at++) {
    const slot = grams.slot[at] ?? 0;
    const weight = 1 + Math.log(counts[slot] ?? 1);
    counts[slot] = 0;
    grams.weight[at] = weight;
    square += weight * weight;
  }
  const length = Math.sqrt(square) || 1;
  for (let at = from; at < grams.count; at++) grams.weight[at] = (grams.weight[at] ?? 0) / length;
}
