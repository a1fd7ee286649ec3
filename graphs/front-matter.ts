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
    description: z.string({
      error: ({ input }) => (input === undefined ? "say what the prompt does" : "expected a text"),
    }),
    model: text.optional(),
    temperature: number({ most: 2 }),
    max_tokens: number({ least: 1, isWhole: true }),
    top_p: number({ most: 1 }),
  },
  {
    error: ({ code }) =>
      code === "unrecognized_keys" ? undefined : "expected lines such as description: Answers a question",
  },
);

export type FrontMatter = z.infer<typeof FrontMatter>;

/** In UTF-16 units. */
const maxUnits = 4_096;

/** Reads a prompt file's settings. A key without a value counts as absent. Throws an error that names the key and what is expected. */
export function parseFrontMatter(source: string): FrontMatter {
  if (source.length > maxUnits) throw fault(`expected at most ${maxUnits} characters`);
  const found = FrontMatter.safeParse(withoutEmpty(yaml(source)));
  if (found.success) return found.data;
  throw fault(found.error.issues.slice(0, 5).map(problem).join("; "));
}

function fault(message: string, options?: ErrorOptions): Error {
  return new Error(`front matter: ${message}`, options);
}

function problem(issue: z.core.$ZodIssue): string {
  if (issue.code !== "unrecognized_keys") return [...issue.path, issue.message].join(": ");
  return `${issue.keys.slice(0, 5).join(", ")}: expected only ${Object.keys(FrontMatter.shape).join(", ")}`;
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
      throw fault(described(error), { cause: error });
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
