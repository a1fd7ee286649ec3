import { stems } from "./lexicon.ts";
import { isFence, zoneOf } from "./lines.ts";
import { type Tokens, tokenise, tokens, zones } from "./tokens.ts";

/** A tokenised text, with line counts by type. */
export interface Reading {
  text: string;
  tokens: Tokens;
  sentences: number;
  lines: { prose: number; code: number; log: number; blank: number; bullets: number; fences: number; quoted: number };
}

export function reading(capacity: number): Reading {
  return {
    text: "",
    tokens: tokens(capacity),
    sentences: 0,
    lines: { prose: 0, code: 0, log: 0, blank: 0, bullets: 0, fences: 0, quoted: 0 },
  };
}

/** Tokenises a text line by line into `into`, which is overwritten and returned. */
export function read(text: string, into: Reading): Reading {
  const { lines, tokens: found } = into;
  into.text = text;
  found.count = 0;
  lines.prose = lines.code = lines.log = lines.blank = lines.bullets = lines.fences = lines.quoted = 0;
  let sentence = 0;
  let fenced = false;
  let from = 0;
  while (from <= text.length) {
    const next = text.indexOf("\n", from);
    const to = next < 0 ? text.length : next;
    if (isFence(text, from, to)) {
      fenced = !fenced;
      if (fenced) lines.fences++;
    } else {
      const zone = zoneOf(text, from, to);
      sentence = line(into, from, to, fenced && zone === zones.prose ? zones.code : zone, sentence);
    }
    from = to + 1;
  }
  into.sentences = sentence;
  return into;
}

function line(into: Reading, from: number, to: number, zone: number, sentence: number): number {
  const { lines, tokens: found, text } = into;
  const count = found.count;
  const after = tokenise(text, { from, to, zone, sentence }, found, stems);
  if (found.count === count) {
    lines.blank++;
    return after;
  }
  if (zone === zones.prose) {
    lines.prose++;
    const first = text.charCodeAt(from);
    if (first === 45 || first === 42 || (first >= 49 && first <= 57 && /^\d+[.)、．]/.test(text.slice(from, from + 4))))
      lines.bullets++;
  } else if (zone === zones.quote) lines.quoted++;
  else if (zone === zones.code) lines.code++;
  else lines.log++;
  return after === sentence ? sentence + 1 : after;
}
