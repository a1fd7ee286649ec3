import { parse, YAMLParseError } from "yaml";
import { z } from "zod";

const text = z.string({ error: "expected a text" });

/** Values are read as texts: `model: 4.10` is not the number 4.1, and a number may be in quotes. */
function number({ least = 0, most = Number.MAX_SAFE_INTEGER, isWhole = false }) {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  const expected = `expected a ${isWhole ? "whole " : ""}number ${range}`;
  return z
    .string({ error: expected })
    .regex(/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most && (!isWhole || Number.isInteger(value)), expected)
    .optional();
}

const FrontMatter = z.strictObject(
  {
    description: z
      .string({ error: ({ input }) => (input === undefined ? "say what the prompt does" : "expected a text") })
      .describe("What the prompt does."),
    model: text.optional().describe("The model for this prompt."),
    temperature: number({ most: 2 }).describe("From 0 to 2."),
    max_tokens: number({ least: 1, isWhole: true }).describe("The longest reply, in tokens."),
    top_p: number({ most: 1 }).describe("From 0 to 1."),
  },
  {
    error: ({ code }) =>
      code === "unrecognized_keys" ? undefined : "expected lines such as description: Answers a question",
  },
);

export type FrontMatter = z.infer<typeof FrontMatter>;

/** The keys that a prompt file may have, with what each means. */
export const frontMatterKeys = Object.entries(FrontMatter.shape).map(([name, schema]) => ({
  name,
  about: schema.description ?? "",
}));

/** In UTF-16 units. */
const maxUnits = 4_096;

/** A part of a text that is wrong. Offsets are in UTF-16 units; `to` is exclusive. */
export interface Problem {
  message: string;
  from: number;
  to: number;
}

/** The message has all problems; their offsets are in the front matter's own text. */
export class FrontMatterFault extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(`front matter: ${[...new Set(problems.map(({ message }) => message))].join("; ")}`, options);
    this.name = "FrontMatterFault";
    this.problems = problems;
  }
}

/** Reads a prompt file's settings. A key without a value counts as absent. Throws a FrontMatterFault that names the keys and what is expected. */
export function parseFrontMatter(source: string): FrontMatter {
  const whole = { from: 0, to: source.length };
  if (source.length > maxUnits)
    throw new FrontMatterFault([{ message: `expected at most ${maxUnits} characters`, ...whole }]);
  const found = FrontMatter.safeParse(withoutEmpty(yaml(source)));
  if (found.success) return found.data;
  throw new FrontMatterFault(found.error.issues.slice(0, 5).flatMap((issue) => problemsOf(issue, source)));
}

function problemsOf(issue: z.core.$ZodIssue, source: string): Problem[] {
  if (issue.code !== "unrecognized_keys") {
    const message = [...issue.path, issue.message].join(": ");
    return [{ message, ...placeOf(String(issue.path[0] ?? ""), source) }];
  }
  const keys = issue.keys.slice(0, 5);
  const message = `${keys.join(", ")}: expected only ${Object.keys(FrontMatter.shape).join(", ")}`;
  return keys.map((key) => ({ message, ...placeOf(key, source) }));
}

/** The line of a key, without its line break; the beginning if there is no such line. */
function placeOf(key: string, source: string) {
  const line = new RegExp(`^["']?${RegExp.escape(key)}["']?[ \\t]*:.*$`, "m").exec(source);
  return line ? { from: line.index, to: line.index + line[0].length } : { from: 0, to: 0 };
}

/** YAML's words for "no value". */
const noValues: unknown[] = ["", "~", "null", null];

function withoutEmpty(values: unknown): unknown {
  if (typeof values !== "object" || values === null || Array.isArray(values)) return values ?? {};
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !noValues.includes(value)));
}

/** A value with a colon and without quotes, such as `description: Note: answers`, and a comment after it. */
const unquoted = /^([a-z_]+):[ \t]+(?!["'|>&*!{[#])(\S.*?)([ \t]+#.*)?$/gm;

function yaml(source: string): unknown {
  try {
    return parseTexts(source);
  } catch (error) {
    try {
      return parseTexts(
        source.replace(unquoted, (_, key, value, comment = "") => `${key}: ${JSON.stringify(value)}${comment}`),
      );
    } catch {
      const [from = 0, to = from] = error instanceof YAMLParseError ? error.pos : [];
      throw new FrontMatterFault([{ message: described(error), from, to }], { cause: error });
    }
  }
}

function parseTexts(source: string): unknown {
  return parse(source, { schema: "failsafe", logLevel: "error" });
}

/** The first line of the parser's message: the others quote the file. The front matter begins in the file's second line. */
function described(error: unknown): string {
  if (!(error instanceof YAMLParseError)) return String(error);
  const [message = ""] = error.message.split("\n", 1);
  const line = (error.linePos?.[0].line ?? 0) + 1;
  const cure = error.code === "DUPLICATE_KEY" ? "" : "; put a value with special characters into double quotes";
  return `${message.replace(/ at line \d+, column \d+:?$/, "")}, in line ${line}${cure}`;
}
