import { bulleted, fenced, paragraphs, quoted, table } from "../markdown.ts";
import type { Topic } from "./topic.ts";

interface Finding {
  fits: RegExp;
  point: string;
  recommendation: string;
  weight: "high" | "medium" | "low";
}

/** What can be seen in a text without understanding it. */
const findings: Finding[] = [
  {
    fits: /(?:SELECT|INSERT|UPDATE|DELETE)\b[^\n]*(?:["'`]\s*(?:\+|\.|%)|\$\{|#\{|f["'])|f["'](?:SELECT|INSERT|UPDATE|DELETE)\b/i,
    point: "A value is put into the text of an SQL statement, which allows SQL injection",
    recommendation: "Pass the value as a parameter of the query",
    weight: "high",
  },
  {
    fits: /\beval\(|\bexec\(|innerHTML\s*=/,
    point: "A text is run or rendered as code, so whoever writes it can do what the program can",
    recommendation: "Parse the text, or set it as text",
    weight: "high",
  },
  {
    fits: /(?:password|secret|api_?key|token)\s*[:=]\s*["'][^"']+["']/i,
    point: "A secret is written in the source",
    recommendation: "Read the secret from the environment, and replace the one that was published",
    weight: "high",
  },
  {
    fits: /except\s*:|catch\s*(?:\([^)]*\))?\s*\{\s*\}|rescue\s*$/m,
    point: "All errors are caught, so that faults of any kind stay hidden",
    recommendation: "Catch the one error that is expected, and let the others through",
    weight: "medium",
  },
  {
    fits: /[^=!]==[^=]|!=[^=]/,
    point: "Values are compared with `==`, which converts types in JavaScript",
    recommendation: "Compare with `===`, if this is JavaScript",
    weight: "low",
  },
  {
    fits: /\bvar\s+\w+/,
    point: "`var` is visible in the whole function and may be declared twice",
    recommendation: "Use `const`, and `let` where the value changes",
    weight: "low",
  },
  {
    fits: /=\s*(?:\[\]|\{\})\s*[,)]/,
    point: "A default value is an object; in Python all calls share it",
    recommendation: "Use `None` as the default, and make the object inside",
    weight: "medium",
  },
  {
    fits: /\bfor\b[\s\S]{0,200}\b(?:await|query|SELECT|fetch)\b/i,
    point: "A request is made in each round of a loop",
    recommendation: "Ask once for all, before the loop",
    weight: "medium",
  },
  {
    fits: /autoindex\s+on/,
    point: "`autoindex` lists all files of a folder to anybody",
    recommendation: "Turn `autoindex` off, or ask for a login there",
    weight: "high",
  },
  {
    fits: /listen\s+80\s*;/,
    point: "It listens without TLS, so keys and texts travel in the clear",
    recommendation: "Listen on 443 with a certificate, and redirect port 80",
    weight: "high",
  },
  {
    fits: /proxy_pass(?![\s\S]*proxy_set_header)/,
    point: "The proxy passes on neither the host nor the upgrade of a WebSocket",
    recommendation: "Set `Host`, `Upgrade` and `Connection` with `proxy_set_header`",
    weight: "medium",
  },
  {
    fits: /TODO|FIXME|XXX/,
    point: "There is unfinished work in it",
    recommendation: "Finish it, or make an issue of it",
    weight: "low",
  },
];

/** A review of the material in a question; without material, what a review would look at. */
export function material(question: string, subject: string): Topic["analysis"] {
  const code = codeIn(question);
  if (code === undefined) return withoutMaterial(subject);
  const found = findings.filter(({ fits }) => fits.test(code));
  const isCode = !/```(?:nginx|ya?ml|toml|ini|json|dockerfile|conf)\b/i.test(question);
  const lines = code.trim().split("\n");
  const longest = lines.reduce((one, line) => (line.length > one.length ? line : one), "");
  const points = [
    ...found.map(({ point }) => point),
    `${lines.length === 1 ? "One line" : `${lines.length} lines`}, the longest with ${longest.length} characters`,
    ...(isCode ? ["Nothing says what happens with empty or wrong input"] : []),
  ];
  const last = isCode ? "Add a test for empty and for wrong input" : "Try the change on a copy first";
  const recommendations = [...found.map(({ recommendation }) => recommendation), last];
  return { points, recommendations, answer: review(found, lines, recommendations) };
}

function review(found: Finding[], lines: string[], recommendations: string[]): string {
  const lead =
    found.length === 0
      ? "**Nothing in it stands out,** as far as one can see without running it."
      : `**${found.length === 1 ? "One thing stands out" : `${found.length} things stand out`}.** The most important comes first.`;
  const rows = found.map(({ fits, point, weight }) => [weight, point, `\`${lineOf(lines, fits)}\``]);
  return paragraphs(
    lead,
    rows.length > 0 ? table(["Weight", "What", "Where"], rows) : fenced("text", lines.slice(0, 12).join("\n")),
    "**Recommended**",
    bulleted(recommendations),
    "Tell me what it is used for, and I can say which of these matter there.",
  );
}

/** The first line that shows the problem, short enough for a table. */
function lineOf(lines: string[], fits: RegExp): string {
  const line = lines.find((one) => fits.test(one)) ?? lines[0] ?? "";
  return quoted(line, 60).slice(1, -1).replaceAll("`", "'");
}

function withoutMaterial(subject: string): Topic["analysis"] {
  return {
    points: [
      `The message names ${subject}, and has no code or document to look into`,
      "What it is used for decides what counts as a fault",
    ],
    recommendations: ["Paste the code, the configuration or the text itself", "Say what worries you most about it"],
    answer: paragraphs(
      `To judge **${subject}**, I would look at these, in this order:`,
      table(
        ["Look at", "Ask", "A bad sign"],
        [
          ["What comes in", "who can send it, and how large", "it is used before it is checked"],
          ["What goes wrong", "who learns of it", "errors that nobody sees"],
          ["What is shared", "who else writes it", "state that two places change"],
          ["What is tested", "which faults a test would find", "tests that only repeat the code"],
        ],
      ),
      "Paste the material, and the review names lines instead of questions.",
    ),
  };
}

/** A fenced block, or lines that look like code. */
function codeIn(question: string): string | undefined {
  const [, block] = /```[^\n]*\n([\s\S]*?)(?:```|$)/.exec(question) ?? [];
  if (block?.trim()) return block;
  const lines = question.split("\n").filter((line) => /[;{}()=<>]|^\s{2,}\S|^\w[\w.-]*:\s/.test(line));
  return lines.length > 0 && /[;{}=]|\w\(/.test(lines.join("\n")) ? lines.join("\n") : undefined;
}
