import type { BaseMessage } from "@langchain/core/messages";

import { bulleted, fenced, numbered, paragraphs, quoted } from "./markdown.ts";
import { questionIn } from "./question-in.ts";
import { demoOutcome } from "./tools.ts";
import { topicOf } from "./topic-of.ts";
import type { Topic } from "./topics/topic.ts";

const notice = "*Demo model: this answer is canned. No language model was asked.*";

/** In UTF-16 units. How much of its instructions an answer quotes. */
const maxInstructions = 240;

/** The demo's reply to a structured step, by the prompt's name; undefined for a prompt that it does not know. */
export function demoFinding(prompt: string, { complex, analysis, generation, problem }: Topic): object | undefined {
  switch (prompt) {
    case "complex.outline":
      return { questions: complex.parts.map(({ question }) => question) };
    case "analysis.inspect":
      return { points: analysis.points, recommendations: analysis.recommendations };
    case "generation.plan":
      return { steps: generation.steps };
    case "problem-solver.diagnose": {
      const { hypotheses, root_cause, solution_steps, missing } = problem;
      return { hypotheses, root_cause, solution_steps, missing };
    }
    default:
      return undefined;
  }
}

/**
 * The demo's reply to a prompt that expects a text. Answers say that they are the demo's, and quote their instructions, so that the effect of
 * an edited prompt is visible.
 */
export function demoReply(prompt: string, messages: BaseMessage[]): { text: string; reasoning?: string } {
  const question = questionIn(messages.at(-1));
  const instructions = messages[0]?.text ?? "";
  const topic = topicOf(question);
  const hidden = hiddenReply(prompt, topic, instructions);
  if (hidden !== undefined) return { text: hidden };
  const body = demoOutcome(messages) ?? answerOf(prompt, topic, messages);
  const begin = `begin: ${quoted(opening(instructions), maxInstructions)} Change this beginning, save, and ask again.`;
  // A graph that asks by `model()` has its instructions wherever it wants.
  const given = prompt === "model" ? "" : `> Its instructions, \`prompts/${prompt}.md\`, ${begin}`;
  return { text: paragraphs(notice, body, given), reasoning: reasoningOf(prompt, topic) };
}

/** The paragraphs before the first that introduces a list of the turn's own. */
function opening(instructions: string): string {
  const all = instructions.split("\n\n");
  const end = all.findIndex((one) => one.trimEnd().endsWith(":"));
  return all.slice(0, end > 0 ? end : undefined).join("\n\n");
}

/** Replies that no client reads as an answer. */
function hiddenReply(
  prompt: string,
  { complex, generation, subject }: Topic,
  instructions: string,
): string | undefined {
  switch (prompt) {
    case "summary":
      return `A conversation with the demo model, lately about ${subject}.`;
    case "complex.reason":
      return (complex.parts.find(({ question }) => instructions.includes(question)) ?? complex.parts[0])?.thought ?? "";
    case "generation.repair":
      return /```[\s\S]*?```/.exec(generation.answer)?.[0] ?? fenced("text", subject);
    default:
      return undefined;
  }
}

function answerOf(prompt: string, topic: Topic, messages: BaseMessage[]): string {
  switch (prompt) {
    case "complex.answer":
      return topic.complex.answer;
    case "analysis.answer":
      return topic.analysis.answer;
    case "generation.answer":
      return topic.generation.answer;
    case "problem-solver.answer":
      return topic.problem.answer;
    case "multi-step":
      return followUp(topic, messages);
    default:
      return topic.simple ?? unknown(topic);
  }
}

/** What a follow-up refers to is the question before it. */
function followUp(topic: Topic, messages: BaseMessage[]): string {
  const earlier = messages.slice(1, -1);
  const asked = earlier.filter((message) => message.type === "human").map(({ text }) => text);
  const last = asked.at(-1);
  if (last === undefined) return topic.simple ?? unknown(topic);
  const before = topicOf(last);
  const [code] = /```[\s\S]*?```/.exec(earlier.findLast((message) => message.type === "ai")?.text ?? "") ?? [];
  const lead = `You refer to your question ${quoted(last)}.`;
  if (before.followUp) return paragraphs(lead, before.followUp);
  return paragraphs(
    lead,
    code ? "This is the part of my answer that the change would go into:" : "So far, you asked:",
    code ?? numbered(asked.map((text) => quoted(text))),
    `A real model would now work ${quoted(topic.subject, 60)} into it, and show the changed part in full.`,
  );
}

function unknown({ subject }: Topic): string {
  return paragraphs(
    `I have no answer of my own about **${subject}**: a language model would say here what it is, in a sentence or two, and then what helps to use it.`,
    "I do know these, and each goes to another engine:",
    bulleted([
      "What is pattern matching in Elixir?",
      "Write a GenServer that counts, with a test.",
      "Our Postgres query is slow since the table grew. Why?",
      "WebSockets or server-sent events for a chat?",
    ]),
    "Or connect a real model, and ask this again.",
  );
}

function reasoningOf(prompt: string, { subject }: Topic): string {
  const engine = prompt.split(".", 1)[0];
  return `The user asks about ${subject}. The engine ${engine} got the message, so I answer in its form: the result first, then what carries it, then what to do next. `;
}
