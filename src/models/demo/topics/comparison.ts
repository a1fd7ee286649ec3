import { bulleted, fenced, paragraphs, table } from "../markdown.ts";
import type { Topic } from "./topic.ts";

interface Pair {
  fits: [RegExp, RegExp];
  names: [string, string];
  rows: [criterion: string, first: string, second: string][];
  verdict: string;
  otherwise: string;
}

const pairs: Pair[] = [
  {
    fits: [/web ?sockets?/i, /server.sent events|\bsse\b/i],
    names: ["WebSockets", "Server-sent events"],
    rows: [
      ["Direction", "both ways on one connection", "server to client; the client posts"],
      ["Reconnect", "yours to build, or the library's", "built into the browser, with `Last-Event-ID`"],
      ["Proxies", "need an upgrade to pass", "plain HTTP passes everywhere"],
      ["Stop an answer", "a message", "a request of its own"],
    ],
    verdict:
      "**WebSockets**, if clients also send while they receive: stopping, typing and several devices are then one connection.",
    otherwise: "answers only stream one way, and proxies that you do not control are in between",
  },
  {
    fits: [/postgres(?:ql)?/i, /mongo(?:db)?/i],
    names: ["PostgreSQL", "MongoDB"],
    rows: [
      ["Shape of the data", "tables, with JSON columns where they help", "documents that may differ"],
      ["Relations", "joins and foreign keys", "embedding, or a second read"],
      ["Change of schema", "a migration", "in the code that reads"],
      ["Transactions", "the default", "available, across documents at a cost"],
    ],
    verdict: "**PostgreSQL**, as long as the data has relations that have to stay consistent.",
    otherwise: "each record is read and written as a whole, and the shapes really differ",
  },
  {
    fits: [/monolith/i, /micro-?services?/i],
    names: ["Monolith", "Microservices"],
    rows: [
      ["Deploy", "all at once", "each on its own"],
      ["A call inside", "a function", "the network, which may fail"],
      ["Teams", "share a code base", "own a service each"],
      ["Operation", "one process to watch", "tracing, versions and contracts"],
    ],
    verdict: "**A monolith with clear modules**, until two teams hold each other up.",
    otherwise: "parts have to scale or be released on their own today, not some day",
  },
];

/** A comparison of two options; for any other question, ways to decide it. */
export function comparison(question: string, subject: string): Topic["complex"] {
  const pair = pairs.find(({ fits }) => fits.every((one) => one.test(question))) ?? pairIn(question);
  return pair ? compared(pair) : weighed(subject);
}

function compared({ names: [first, second], rows, verdict, otherwise }: Pair): Topic["complex"] {
  return {
    parts: [
      {
        question: `What does ${first} make easy that ${second} does not?`,
        thought: `${rows[0]?.[0]}: ${rows[0]?.[1]} against ${rows[0]?.[2]}. This speaks for ${first} where it is used every day. Fairly sure.`,
      },
      {
        question: `What does the choice cost in operation?`,
        thought: `${rows[2]?.[0]}: ${rows[2]?.[1]} with ${first}, ${rows[2]?.[2]} with ${second}. The cost shows only later. Sure.`,
      },
      {
        question: "How hard is it to change the decision later?",
        thought: `Behind an interface of your own it is a matter of weeks, otherwise of months. So the first version should not depend on details of ${first} or ${second}. Sure.`,
      },
    ],
    answer: paragraphs(
      verdict,
      table(
        ["", first, second],
        rows.map((row) => [...row]),
      ),
      "**Why.** Of these, the row that your users notice every day counts most; the others are work for you, once.",
      bulleted([
        `Take **${second}** if ${otherwise}.`,
        "Put the choice behind an interface of your own, so that changing it later touches one place.",
        "Try the riskiest row first, with real data, before you build on it.",
      ]),
    ),
  };
}

/** Any two things with "or", "vs" or "versus" between them. */
function pairIn(question: string): Pair | undefined {
  const name = "(?!(?:Should|Is|Are|Do|Use|Choose|Compare) )([A-Z][\\w.+#/-]* [A-Z][\\w.+#/-]*|[A-Za-z][\\w.+#/-]*)";
  const found = new RegExp(`${name},? (?:or|vs\\.?|versus|over) (?:an? |the )?${name}`).exec(question);
  const [, first, second] = found ?? [];
  if (!first || !second) return undefined;
  return {
    fits: [/^/, /^/],
    names: [first, second],
    rows: [
      ["What you know already", `how much of your team has used ${first}`, `how much has used ${second}`],
      ["What it has to carry", `the hardest case for ${first}`, `the hardest case for ${second}`],
      ["What it costs to run", `measured with ${first}`, `measured with ${second}`],
      ["What it costs to leave", `what depends on ${first}`, `what depends on ${second}`],
    ],
    verdict: `**${first} or ${second}: take the one that your team can run today,** unless one of these rows rules it out.`,
    otherwise: `the hardest case rules out ${first}`,
  };
}

function weighed(subject: string): Topic["complex"] {
  return {
    parts: [
      {
        question: `What has to hold for ${subject}, and what is only wished for?`,
        thought:
          "A requirement is what makes the result useless when it is missing; everything else is a preference. Usually two or three remain. Sure.",
      },
      {
        question: "Which part is the hardest to change later?",
        thought:
          "Data and interfaces outlive code. So they are decided first, and the rest may stay open for longer. Fairly sure.",
      },
      {
        question: "What is the smallest version that shows whether it works?",
        thought: "One path from end to end, with the riskiest part in it, shows more than a broad first version. Sure.",
      },
    ],
    answer: paragraphs(
      `**Decide ${subject} from what is hard to change, and leave the rest open.**`,
      fenced("text", "clients ──▶ interface ──▶ rules ──▶ data\n            decide first            decide first"),
      table(
        ["Part", "Decide", "Because"],
        [
          ["Data", "now", "everything else depends on its shape"],
          ["Interface", "now", "others build on it"],
          ["Rules", "with the first version", "they change when users see it"],
          ["Tools", "as late as possible", "they can be replaced"],
        ],
      ),
      bulleted([
        "Start with one path from end to end that has the riskiest part in it.",
        "Write down what would make you decide otherwise, and look at it after the first week.",
      ]),
    ),
  };
}
