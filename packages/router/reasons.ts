import { type Features, signalNames } from "./features.ts";
import type { Stage } from "./model.ts";

/**
 * Up to three sentences about the signals that contributed most to a class. (A signal's weights sum to zero over the
 * classes, so each weight measures the contribution directly.)
 */
export function reasonsFor({ classes, signals: weights }: Stage, answer: number, { signals }: Features): string[] {
  pull.fill(0);
  const isOpening = signals[noHistory] === 1;
  for (let i = 0; i < signals.length; i++) {
    const x = signals[i] ?? 0;
    const sentence = sentenceOf[i] ?? -1;
    if (x === 0 || sentence < 0 || (isOpening && ofEarlier.has(sentence))) continue;
    pull[sentence] = (pull[sentence] ?? 0) + x * (weights[i * classes + answer] ?? 0);
  }
  const found: string[] = [];
  while (found.length < 3) {
    let most = 0;
    for (let at = 1; at < pull.length; at++) if ((pull[at] ?? 0) > (pull[most] ?? 0)) most = at;
    if ((pull[most] ?? 0) <= 0.02) break;
    found.push(sentences[most] ?? "");
    pull[most] = 0;
  }
  return found;
}

function inWords(signal: string): string | undefined {
  return plain[signal] ?? ofCategory[signal.split(" ").at(-1) ?? ""];
}

/** Sentences for words of a category, anywhere in the message. */
const ofCategory: Record<string, string> = {
  make: "It asks for something to be written.",
  change: "It asks for something to be changed.",
  judge: "It asks for something to be explained or checked.",
  repair: "It asks for a fix.",
  weigh: "It asks for a recommendation or a comparison.",
  plan: "It is about plans, architecture or scale.",
  depth: "It asks why something is so, or how it works internally.",
  howto: "It asks how to do something.",
  define: "It asks what something is or means.",
  can: "It asks whether something exists or is possible.",
  judgeWhether: "It asks whether something is right, safe or complete.",
  want: "It says what the user wants.",
  fault: "It reports a problem.",
  contrast: "It contrasts actual and expected behaviour.",
  pointing: "It refers to something with words like “it” or “that”.",
  earlier: "It refers to something said earlier.",
  carryOn: "It continues with words like “yes”, “next” or “also”.",
  tweak: "It asks for a variation: shorter, simpler, with an example.",
  thanks: "It says hello, goodbye or thanks.",
  chat: "It is small talk.",
  artefact: "It names something to write: a function, a script, a page.",
  given: "It refers to code or a document that it comes with.",
  mine: "It is about the user's own system.",
  when: "It says when something happens.",
  specification: "It lists requirements.",
  talkOnly: "It asks for an answer, not for changes.",
  technology: "It names a technology.",
  task: "It names a programming task.",
};

const plain: Record<string, string> = {
  "context fault": "The context contains an error.",
  "context fault, brief": "The context contains an error.",
  "context material": "The context contains code or a file.",
  "context material, brief": "The context contains code or a file.",
  "at most 2 words": "It is very short.",
  "at most 4 words": "It is very short.",
  "at most 8 words": "It is short.",
  "at most 15 words": "It is short.",
  "code lines": "It contains code.",
  "has code": "It contains code.",
  fences: "It contains code.",
  "code share": "It contains code.",
  "code only": "It contains only code.",
  "little prose, much code": "It is mostly code.",
  "log lines": "It contains a log or a stack trace.",
  "has log": "It contains a log or a stack trace.",
  "log share": "It contains a log or a stack trace.",
  "log only": "It contains only a log or a stack trace.",
  "error names": "It names an error.",
  files: "It names files.",
  mentions: "It names files.",
  links: "It contains a link.",
  "ends with a question": "It ends with a question.",
  "no question": "It does not ask a question.",
  title: "It starts with a title, like a forum post.",
  "no words": "It contains no words.",
  "no history": "It is the first message of the conversation.",
  "courtesy only": "It is a courtesy, not a request.",
  "short courtesy": "It is a courtesy, not a request.",
  "no leaning": "It makes sense without the earlier turns.",
  "general task": "It makes sense without the earlier turns.",
  "names nothing": "It does not name a subject.",
  "nothing of its own": "It does not name a subject.",
  "points at its end": "It refers to something with words like “it” or “that”.",
  "the, without a name": "It refers to something without naming it.",
  "the known, without material": "It repeats words from earlier turns.",
  "shared with earlier messages": "It repeats words from earlier turns.",
  "answers in a list": "It answers the assistant's questions.",
  "new names": "It contains names that were not mentioned before.",
  "new words": "It introduces a new subject.",
  "a new thing": "It introduces a new subject.",
  "shared names": "It repeats names from earlier turns.",
  "shared words": "It repeats words from earlier turns.",
  "share of known words": "It repeats words from earlier turns.",
  "the known": "It repeats words from earlier turns.",
  "brief and leaning": "It is short and depends on the previous turn.",
  "brief addition": "It is short and depends on the previous turn.",
  "brief, nothing new": "It is short and depends on the previous turn.",
  "leans without material": "It depends on the previous turn and contains no code.",
  "brief answer to a question": "It answers the assistant's question.",
  "answers a list of questions": "It answers the assistant's questions.",
  "assistant asks": "The assistant asked a question.",
  "assistant's questions": "The assistant asked a question.",
  "assistant offers": "The assistant offered to do more.",
};

/** Several signals can share a sentence. */
const sentences = [...new Set(signalNames.flatMap((name) => inWords(name) ?? []))];
const sentenceOf = Int16Array.from(signalNames, (name) => sentences.indexOf(inWords(name) ?? ""));
const noHistory = signalNames.indexOf("no history");
/** Sentences that make no sense for the first message of a conversation. */
const ofEarlier = new Set(
  ["earlier", "carryOn", "tweak"].map((category) => sentences.indexOf(ofCategory[category] ?? "")),
);
const pull = new Float64Array(sentences.length);
