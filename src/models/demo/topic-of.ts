import { comparison } from "./topics/comparison.ts";
import { counter } from "./topics/counter.ts";
import { effectLoop } from "./topics/effect-loop.ts";
import { gitUndo } from "./topics/git-undo.ts";
import { greeting } from "./topics/greeting.ts";
import { material } from "./topics/material.ts";
import { misbehaviour } from "./topics/misbehaviour.ts";
import { patternMatching } from "./topics/pattern-matching.ts";
import { piece } from "./topics/piece.ts";
import { retrying } from "./topics/retry.ts";
import { slowQuery } from "./topics/slow-query.ts";
import type { Topic } from "./topics/topic.ts";

/** A subject that the demo model knows. Missing parts are made from the question alone. */
interface Known extends Partial<Omit<Topic, "subject">> {
  fits: RegExp;
}

const known: Known[] = [patternMatching, counter, slowQuery, gitUndo, retrying, effectLoop, greeting];

/** The demo model's topic for a question. It depends only on the question. */
export function topicOf(question: string): Topic {
  const subject = subjectOf(question);
  const { fits: _fits, ...topic } = known.find(({ fits }) => fits.test(question)) ?? { fits: /^/ };
  return {
    subject,
    complex: comparison(question, subject),
    analysis: material(question, subject),
    generation: piece(question, subject),
    problem: misbehaviour(question, subject),
    ...topic,
  };
}

/** In UTF-16 units. */
const maxSubject = 70;

const openings =
  /^(?:(?:please|hi|hello|hey|so|ok|well|and)[,!]?\s+|(?:can|could|would) you(?: please)?|i (?:want|need) (?:you )?to |what(?:'s| is| are| does| do)|how (?:do|does|can|would|should) (?:i|we|you|one)|how to|why (?:is|are|does|do|did)|should (?:i|we)|explain(?: to me)?|tell me (?:about|why|how)|describe|compare|write(?: me)?|create|implement|generate|show me|give me|build|review|analy[sz]e|debug|fix|the|an?|this|my|our)\s+/i;

/** The first sentence without its opening words: "What is a monad?" is about "monad". */
function subjectOf(question: string): string {
  const prose = question.replace(/```[\s\S]*?(?:```|$)/g, " ");
  const [sentence = ""] = prose.trim().split(/(?<=[.?!:])\s|\n/, 1);
  let subject = sentence.replace(/\s+/g, " ");
  for (let rest = subject.replace(openings, ""); rest !== subject; rest = subject.replace(openings, "")) subject = rest;
  subject = subject.replace(/[\s.?!:,;]+$/, "");
  if (subject === "") return "your message";
  return subject.length > maxSubject ? `${subject.slice(0, maxSubject - 1).toWellFormed()}…` : subject;
}
