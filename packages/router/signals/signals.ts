import type { Scene } from "../scene.ts";
import { bit, type Category, categories, categoriesAt } from "./lexicon.ts";
import { begin, log, namesAreKnown, put, values } from "./named.ts";
import { type Occurrences, occurrences } from "./occurrences.ts";
import type { Reading } from "./reading.ts";
import { leaning, subject } from "./subject.ts";
import { kinds, type Tokens } from "./tokens.ts";

const orders = ["make", "change", "judge", "repair"] as const satisfies Category[];
const places = ["any", "first", "last", "asked", "start"] as const;

type Named = [any: string, first: string, last: string, asked: string, start: string];

const namesOf = Object.fromEntries(
  categories.map((category) => [category, places.map((place) => `${place} ${category}`)]),
) as Record<Category, Named>;

/** Computes the signals of a scene. The array is reused by the next call. */
export function signals(scene: Scene): Float64Array {
  begin();
  const found = occurrences(scene.message);
  structure(scene, found);
  past(scene, found);
  for (const [at, category] of categories.entries()) {
    const mask = bit[category];
    const named = namesOf[category];
    put(named[0], log(found.counts[at] ?? 0));
    put(named[1], found.seen.first & mask ? 1 : 0);
    put(named[2], found.seen.last & mask ? 1 : 0);
    put(named[3], found.seen.asked & mask ? 1 : 0);
    put(named[4], found.seen.start & mask ? 1 : 0);
  }
  for (const order of orders) {
    put(`order first ${order}`, found.ordered.first & bit[order] ? 1 : 0);
    put(`order any ${order}`, found.ordered.any & bit[order] ? 1 : 0);
    put(`order last ${order}`, found.ordered.last & bit[order] ? 1 : 0);
  }
  return values();
}

const lengths = [2, 4, 8, 15, 30, 60, 120].map((max) => [max, `at most ${max} words`] as const);

function structure({ message, context, history }: Scene, found: Occurrences): void {
  const { text, lines, sentences } = message;
  const count = found.prose + found.code + found.log;
  const units = found.prose - found.signs + found.signs / 2;
  put("context fault", context.fault ? 1 : 0);
  put("context material", context.material ? 1 : 0);
  put("length", log(text.length) / 4);
  put("words", log(units) / 2);
  for (const [max, name] of lengths) put(name, units <= max ? 1 : 0);
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
  put("begins small", /^[a-z]/.test(text) ? 1 : 0);
  put("no words", found.prose === 0 && count === 0 ? 1 : 0);
  put("definite", log(found.definite));
  put("indefinite", log(found.indefinite));
  put("material first", found.materialFirst ? 1 : 0);
  put("question after material", found.endsAsking && found.code + found.log > 10 ? 1 : 0);
  const asks = (found.seen.first | found.seen.last) & busy;
  put(
    "courtesy only",
    (found.seen.first & bit.thanks) !== 0 &&
      found.questions === 0 &&
      units <= 30 &&
      !asks &&
      found.code + found.log === 0
      ? 1
      : 0,
  );
  put("short courtesy", (found.seen.start & bit.thanks) !== 0 && units <= 6 && found.questions === 0 && !asks ? 1 : 0);
  put("no leaning", any(found, "pointing", "earlier", "carryOn", "tweak") === 0 ? 1 : 0);
  put("context fault, brief", context.fault && (units <= 12 || any(found, "fault") > 0) ? 1 : 0);
  put("context material, brief", context.material && units <= 15 ? 1 : 0);
  put("no history", history ? 0 : 1);
}

function isTitle(text: string): boolean {
  const end = text.indexOf("\n");
  return end > 15 && end < 160 && text.length > end + 120 && !/[.:;,{]$/.test(text.slice(end - 2, end).trim());
}

const busy = bit.fault | bit.want | bit.make | bit.judge | bit.repair | bit.howto | bit.define | bit.depth;

function any({ counts }: Occurrences, ...asked: Category[]): number {
  return asked.reduce((sum, category) => sum + (counts[categories.indexOf(category)] ?? 0), 0);
}

/** Signals about the relation of the message to the turns before it. */
function past({ message, history }: Scene, found: Occurrences): void {
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
  put("brief and leaning", brief && ((found.seen.start | found.seen.last) & leaning) !== 0 ? 1 : 0);
  put("brief answer to a question", brief && /[?？]\s*$/.test(text.slice(-6)) ? 1 : 0);
  put(
    "brief addition",
    brief && found.prose <= 6 && additions.has(message.text.slice(0, 12).split(/[\s,]/)[0]?.toLowerCase() ?? "")
      ? 1
      : 0,
  );
  const asked = text.split(/[?？]/).length - 1;
  put("assistant's questions", log(asked) / 2);
  put("answers a list of questions", asked > 1 && message.lines.bullets > 1 ? 1 : 0);
  put("numbered", /^\s*1[.)、 ]/.test(message.text.slice(0, 8)) ? 1 : 0);
  put("brief, nothing new", brief && (overlap?.newWords ?? 0) === 0 ? 1 : 0);
  put("a new thing", history && found.indefinite > 0 && any(found, "pointing", "earlier", "carryOn") === 0 ? 1 : 0);
  put(
    "leans without material",
    history && found.seen.first & bit.pointing && message.lines.code + message.lines.log === 0 ? 1 : 0,
  );
  subject({ message, history }, found);
}

const additions = new Set(
  "in with without for as using on into by mit ohne in als für en con sin para como com sem avec sans pour dans на с без для w z bez dla met zonder".split(
    " ",
  ),
);

/** Categories of the last 60 tokens. */
function closing(tokens: Tokens): number {
  let found = 0;
  for (let at = Math.max(0, tokens.count - 60); at < tokens.count; at++) found |= categoriesAt(tokens, at);
  return found;
}

/** Records the signals' names by one run over an empty message. */
export function learnNames(nothing: Reading): void {
  signals({ message: nothing, history: undefined, context: { fault: false, material: false } });
  namesAreKnown();
}
