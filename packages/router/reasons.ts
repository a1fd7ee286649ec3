import { type Features, signalNames } from "./features.ts";
import type { Stage } from "./model.ts";

/**
 * Up to three things about the message that spoke most for an answer of a stage, in words. (The weights of a signal sum
 * to nought over the classes, so that a weight alone says how much the signal speaks for its class.)
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

/** What words of a category say about a message, wherever they stand. */
const ofCategory: Record<string, string> = {
  make: "It asks for something to be written.",
  change: "It asks for something to be changed.",
  judge: "It asks for something to be explained or checked.",
  repair: "It asks for a fix.",
  weigh: "It asks for a recommendation or a comparison.",
  plan: "It speaks of plans, architecture or scale.",
  depth: "It asks why or how something works inside.",
  howto: "It asks how to do something.",
  define: "It asks what something is or means.",
  can: "It asks whether something exists or is possible.",
  judgeWhether: "It asks whether something is right, safe or complete.",
  want: "It states a wish.",
  fault: "It tells of a malfunction.",
  contrast: "It sets what happens against what was expected.",
  pointing: "It points at something with words like “it” or “that”.",
  earlier: "It refers to something said before.",
  carryOn: "It carries on: yes, no, next, also.",
  tweak: "It asks for the same in another way: shorter, simpler, with an example.",
  thanks: "It greets or thanks.",
  chat: "It is small talk.",
  artefact: "It names something that can be written: a function, a script, a page.",
  given: "It speaks of code or a document that is given.",
  mine: "It tells of the user's own system.",
  when: "It tells when something happens.",
  specification: "It states what is required.",
  talkOnly: "It wants an answer rather than changes.",
  technology: "It names the technology.",
  task: "It names a programming task.",
};

const plain: Record<string, string> = {
  "context fault": "An error came with the context.",
  "context fault, brief": "An error came with the context.",
  "context material": "Code or a file came with the context.",
  "context material, brief": "Code or a file came with the context.",
  "at most 2 words": "It is very short.",
  "at most 4 words": "It is very short.",
  "at most 8 words": "It is short.",
  "at most 15 words": "It is short.",
  "code lines": "It contains code.",
  "has code": "It contains code.",
  fences: "It contains code.",
  "code share": "It contains code.",
  "code only": "It is nothing but code.",
  "little prose, much code": "It is mostly code.",
  "log lines": "It contains a log or a stack trace.",
  "has log": "It contains a log or a stack trace.",
  "log share": "It contains a log or a stack trace.",
  "log only": "It is nothing but a log or a stack trace.",
  "error names": "It names an error.",
  files: "It names files.",
  mentions: "It names files.",
  links: "It contains a link.",
  "ends with a question": "It ends with a question.",
  "no question": "It asks no question.",
  title: "It begins with a title, like a question in a forum.",
  "no words": "It has no words.",
  "no history": "It opens the conversation.",
  "courtesy only": "It is a courtesy and asks for nothing.",
  "short courtesy": "It is a courtesy and asks for nothing.",
  "no leaning": "It can be understood without the turns before it.",
  "general task": "It can be understood without the turns before it.",
  "names nothing": "It names nothing of its own.",
  "nothing of its own": "It names nothing of its own.",
  "points at its end": "It points at something with words like “it” or “that”.",
  "the, without a name": "It speaks of a thing without naming it.",
  "the known, without material": "It uses words from the turns before it.",
  "shared with earlier messages": "It uses words from the turns before it.",
  "answers in a list": "It answers the assistant's questions.",
  "new names": "It brings names that were not mentioned before.",
  "new words": "It brings a subject of its own.",
  "a new thing": "It brings a subject of its own.",
  "shared names": "It uses names from the turns before it.",
  "shared words": "It uses words from the turns before it.",
  "share of known words": "It uses words from the turns before it.",
  "the known": "It uses words from the turns before it.",
  "brief and leaning": "It is short and leans on the turn before it.",
  "brief addition": "It is short and leans on the turn before it.",
  "brief, nothing new": "It is short and leans on the turn before it.",
  "leans without material": "It is short on material and leans on the turn before it.",
  "brief answer to a question": "It answers the assistant's question.",
  "answers a list of questions": "It answers the assistant's questions.",
  "assistant asks": "The assistant had asked a question.",
  "assistant's questions": "The assistant had asked a question.",
  "assistant offers": "The assistant had offered to go on.",
};

/** Several signals may say the same in words. */
const sentences = [...new Set(signalNames.flatMap((name) => inWords(name) ?? []))];
const sentenceOf = Int16Array.from(signalNames, (name) => sentences.indexOf(inWords(name) ?? ""));
const noHistory = signalNames.indexOf("no history");
/** A message that opens the conversation uses such words, too, but they refer to nothing. */
const ofEarlier = new Set(
  ["earlier", "carryOn", "tweak"].map((category) => sentences.indexOf(ofCategory[category] ?? "")),
);
const pull = new Float64Array(sentences.length);
