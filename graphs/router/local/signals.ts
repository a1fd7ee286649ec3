import { type Category, bit, categories, categoriesAt } from "./lexicon.ts";
import type { Reading } from "./reading.ts";
import { type Overlap } from "./overlap.ts";
import { kinds, type Tokens, zones } from "./tokens.ts";

/** What the router looks at. */
export interface Scene {
  message: Reading;
  /** The last turns before the message; undefined without history. */
  history: { turns: number; assistant: Reading; user: Reading; overlap: Overlap } | undefined;
  context: { fault: boolean; material: boolean };
}

/** Where in the message words of a category stand. */
const places = ["any", "first", "last", "asked", "start"] as const;
type Place = (typeof places)[number];

const orders = ["make", "change", "judge", "repair"] as const satisfies Category[];
const polite = bit.want | bit.carryOn | bit.thanks | bit.can;
const ordering = bit.make | bit.change | bit.judge | bit.repair;

const names: string[] = [];
let values = new Float64Array(0);
let position = 0;

/** Names of all signals, in the order of `signals`. */
export const signalNames: readonly string[] = names;

/** Signals are put in the same order every time: a name is only needed by whoever explains or stores them. */
function put(name: string, value: number): void {
  if (position >= values.length) names.push(name);
  else values[position] = value;
  position++;
}

type Named = [any: string, first: string, last: string, asked: string, start: string];

const namesOf = Object.fromEntries(
  categories.map((category) => [category, places.map((place) => `${place} ${category}`)]),
) as Record<Category, Named>;

const anyCount = new Float64Array(categories.length);
const seen: Record<Exclude<Place, "any">, number> = { first: 0, last: 0, asked: 0, start: 0 };
const ordered = { first: 0, any: 0, last: 0 };

function log(count: number): number {
  return Math.log2(1 + count);
}

/** The signals of a scene; the array is filled anew with every call. */
export function signals(scene: Scene): Float64Array {
  position = 0;
  const found = words(scene.message);
  structure(scene, found);
  past(scene, found);
  for (const [at, category] of categories.entries()) {
    const mask = bit[category];
    const named = namesOf[category];
    put(named[0], log(anyCount[at] ?? 0));
    put(named[1], seen.first & mask ? 1 : 0);
    put(named[2], seen.last & mask ? 1 : 0);
    put(named[3], seen.asked & mask ? 1 : 0);
    put(named[4], seen.start & mask ? 1 : 0);
  }
  for (const order of orders) {
    put(`order first ${order}`, ordered.first & bit[order] ? 1 : 0);
    put(`order any ${order}`, ordered.any & bit[order] ? 1 : 0);
    put(`order last ${order}`, ordered.last & bit[order] ? 1 : 0);
  }
  return values;
}

interface Found {
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

const byKind = new Int32Array(8);

/** One pass over the tokens: words by category and place, kinds, questions. */
function words({ tokens, text }: Reading): Found {
  anyCount.fill(0);
  byKind.fill(0);
  seen.first = seen.last = seen.asked = seen.start = 0;
  ordered.first = ordered.any = ordered.last = 0;
  const found: Found = { prose: 0, code: 0, log: 0, byKind, questions: 0, errorNames: 0, endsAsking: false, signs: 0, definite: 0, indefinite: 0, materialFirst: false };
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
      anyCount[category] = (anyCount[category] ?? 0) + 1;
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

/** Whether a question mark follows within the next few signs. */
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

const lengths = [2, 4, 8, 15, 30, 60, 120].map((most) => [most, `at most ${most} words`] as const);

function structure({ message, context, history }: Scene, found: Found): void {
  const { text, lines, sentences } = message;
  const count = found.prose + found.code + found.log;
  const units = found.prose - found.signs + found.signs / 2;
  put("context fault", context.fault ? 1 : 0);
  put("context material", context.material ? 1 : 0);
  put("length", log(text.length) / 4);
  put("words", log(units) / 2);
  for (const [most, name] of lengths) put(name, units <= most ? 1 : 0);
  put("sentences", log(sentences) / 2);
  put("prose lines", log(lines.prose) / 2);
  put("blank lines", log(lines.blank) / 2);
  put("code lines", log(lines.code) / 2);
  put("has code", lines.code > 1 || lines.fences > 0 ? 1 : 0);
  put("log lines", log(lines.log) / 2);
  put("has log", lines.log > 0 ? 1 : 0);
  put("fences", Math.min(lines.fences, 2));
  put("code share", found.code / (count + 1));
  put("log share", found.log / (count + 1));
  put("code only", found.prose === 0 && found.code > 0 ? 1 : 0);
  put("little prose, much code", units < 12 && found.code > 15 ? 1 : 0);
  put("log only", found.prose < 4 && found.log > 0 ? 1 : 0);
  put("bullets", log(lines.bullets) / 2);
  put("quoted lines", lines.quoted > 0 ? 1 : 0);
  put("error names", log(found.errorNames));
  put("files", log((found.byKind[kinds.path] ?? 0) + (found.byKind[kinds.mention] ?? 0)));
  put("mentions", log(found.byKind[kinds.mention] ?? 0));
  put("links", log(found.byKind[kinds.url] ?? 0));
  put("identifiers", log((found.byKind[kinds.identifier] ?? 0) + (found.byKind[kinds.quoted] ?? 0)) / 2);
  put("numbers", log(found.byKind[kinds.number] ?? 0) / 2);
  put("questions", Math.min(found.questions, 3));
  put("ends with a question", found.endsAsking ? 1 : 0);
  put("no question", found.questions === 0 ? 1 : 0);
  put("script without blanks", found.signs > 3 ? 1 : 0);
  put("title", isTitle(text) ? 1 : 0);
  put("begins small", isSmall(text) ? 1 : 0);
  put("no words", found.prose === 0 && count === 0 ? 1 : 0);
  put("definite", log(found.definite));
  put("indefinite", log(found.indefinite));
  put("material first", found.materialFirst ? 1 : 0);
  put("question after material", found.endsAsking && found.code + found.log > 10 ? 1 : 0);
  const asks = (seen.first | seen.last) & busy;
  put("courtesy only", (seen.first & bit.thanks) !== 0 && found.questions === 0 && units <= 30 && !asks && found.code + found.log === 0 ? 1 : 0);
  put("short courtesy", (seen.start & bit.thanks) !== 0 && units <= 6 && found.questions === 0 && !asks ? 1 : 0);
  put("no leaning", any("pointing", "earlier", "carryOn", "tweak") === 0 ? 1 : 0);
  put("context fault, brief", context.fault && (units <= 12 || any("fault") > 0) ? 1 : 0);
  put("context material, brief", context.material && units <= 15 ? 1 : 0);
  put("no history", history ? 0 : 1);
}

function isTitle(text: string): boolean {
  const end = text.indexOf("\n");
  return end > 15 && end < 160 && text.length > end + 120 && !/[.:;,{]$/.test(text.slice(end - 2, end).trim());
}

function isSmall(text: string): boolean {
  const code = text.charCodeAt(0);
  return code >= 97 && code <= 122;
}

const definite = new Set("the der die das den dem le la les el los las os as il gli de het".split(" "));
const indefinite = new Set("a an ein eine einen un une una um uma een eine einem".split(" "));

function articleAt(text: string, start: number, end: number): number {
  if (end - start > 5) return 0;
  const word = text.slice(start, end).toLowerCase();
  return definite.has(word) ? 1 : indefinite.has(word) ? -1 : 0;
}

const busy = bit.fault | bit.want | bit.make | bit.judge | bit.repair | bit.howto | bit.define | bit.depth;

function any(...asked: Category[]): number {
  return asked.reduce((sum, category) => sum + (anyCount[categories.indexOf(category)] ?? 0), 0);
}

const leaning = bit.pointing | bit.earlier | bit.carryOn | bit.tweak;

/** What ties the message to the turns before it. */
function past({ message, history }: Scene, found: Found): void {
  const turns = history?.turns ?? 0;
  put("turns", log(turns) / 2);
  const assistant = history?.assistant;
  const text = assistant?.text ?? "";
  put("assistant asks", assistant && /[?？]\s*\S{0,3}\s*$/.test(text.slice(-12)) ? 1 : 0);
  put("assistant's length", log(text.length) / 4);
  put("assistant showed code", assistant && (assistant.lines.fences > 0 || assistant.lines.code > 2) ? 1 : 0);
  put("assistant listed", assistant && assistant.lines.bullets > 1 ? 1 : 0);
  const said = assistant ? closing(assistant.tokens) : 0;
  put("assistant offers", said & bit.offer ? 1 : 0);
  put("assistant wants material", said & bit.bringIt ? 1 : 0);
  const overlap = history?.overlap;
  put("shared words", log(overlap?.sharedWords ?? 0) / 2);
  put("new words", log(overlap?.newWords ?? 0) / 2);
  put("share of known words", overlap?.share ?? 0);
  put("shared names", log(overlap?.sharedNames ?? 0));
  put("new names", log(overlap?.newNames ?? 0));
  put("the known", log(overlap?.theKnown ?? 0));
  put("repeats the user", overlap?.repeats ?? 0);
  const brief = history && found.prose + found.code + found.log <= 12 ? 1 : 0;
  put("brief and leaning", brief && ((seen.start | seen.last) & leaning) !== 0 ? 1 : 0);
  put("brief answer to a question", brief && /[?？]\s*$/.test(text.slice(-6)) ? 1 : 0);
  put("brief addition", brief && found.prose <= 6 && additions.has(message.text.slice(0, 12).split(/[\s,]/)[0]?.toLowerCase() ?? "") ? 1 : 0);
  const asked = text.split(/[?？]/).length - 1;
  put("assistant's questions", log(asked) / 2);
  put("answers a list of questions", asked > 1 && message.lines.bullets > 1 ? 1 : 0);
  put("numbered", /^\s*1[.)、 ]/.test(message.text.slice(0, 8)) ? 1 : 0);
  put("brief, nothing new", brief && (overlap?.newWords ?? 0) === 0 ? 1 : 0);
  put("a new thing", history && found.indefinite > 0 && any("pointing", "earlier", "carryOn") === 0 ? 1 : 0);
  put("leans without material", history && seen.first & bit.pointing && message.lines.code + message.lines.log === 0 ? 1 : 0);
}

const additions = new Set("in with without for as using on into by mit ohne in als für en con sin para como com sem avec sans pour dans на с без для w z bez dla met zonder".split(" "));

/** Categories of the last sixty words. */
function closing(tokens: Tokens): number {
  let found = 0;
  for (let at = Math.max(0, tokens.count - 60); at < tokens.count; at++) found |= categoriesAt(tokens, at);
  return found;
}

/** Records the names by one run over nothing. */
export function learnNames(nothing: Reading): void {
  signals({ message: nothing, history: undefined, context: { fault: false, material: false } });
  values = new Float64Array(names.length);
}
