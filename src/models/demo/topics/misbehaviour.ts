import { fenced, numbered, paragraphs, table } from "../markdown.ts";
import type { Topic } from "./topic.ts";

/** A diagnosis of a problem that the demo model does not know, with the usual causes. */
export function misbehaviour(question: string, subject: string): Topic["problem"] {
  const message = messageIn(question);
  const solution_steps = [
    "Reproduce it with the smallest input that still fails",
    "Find the last version or configuration that worked, and compare",
    "Change one thing, and try again",
    "Keep the failing input as a test",
  ];
  return {
    hypotheses: [
      "Something changed since it last worked: code, a version, a setting or the data",
      "A value is missing or has another type than expected",
      "It works alone and fails together: order, time or a shared state",
    ],
    root_cause: `Something most likely changed since it last worked${message ? `, and now raises \`${message}\`` : `: ${subject}`}.`,
    solution_steps,
    missing: [
      ...(message ? [] : ["the exact message, with its stack trace"]),
      "when it last worked, and what changed since",
      "versions of the language and of the libraries",
    ],
    answer: paragraphs(
      `**Cause.** ${message ? `\`${message}\` most likely comes from something that changed` : "Something most likely changed"} since it last worked. These are the usual places, in the order in which they are worth looking:`,
      table(
        ["Possible cause", "What it looks like", "How to tell"],
        [
          ["A change", "it worked yesterday", "`git bisect` finds the commit"],
          ["A value", "it fails for some inputs", "print the value right before"],
          ["Order or time", "it fails now and then", "run it alone, then a hundred times"],
        ],
      ),
      "**Fix**",
      numbered(solution_steps),
      "**Find the change**",
      fenced(
        "sh",
        "git bisect start\ngit bisect bad\ngit bisect good <the last version that worked>\ngit bisect run npm test",
      ),
      `**Verify.** The test with the failing input passes with the fix and fails without it.${message ? "" : " If you paste the message and its trace, I can be more specific."}`,
    ),
  };
}

/** An error message in the question. */
function messageIn(question: string): string | undefined {
  const [message] =
    /\b\w*(?:Error|Exception)\b(?::[^\n`]*)?|\b[A-Z]{5,}\b(?=[^a-z]|$)|\bpanic: [^\n`]+/.exec(question) ?? [];
  return message?.replace(/\s+/g, " ").trim().slice(0, 100);
}
