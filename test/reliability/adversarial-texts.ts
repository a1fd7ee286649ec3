const size = 1_048_576;

const filled = (piece: string, before = "") => before + piece.repeat(Math.ceil((size - before.length) / piece.length));

/** Runs of backticks, each longer than the one before: none of them ends another. */
const growing = Array.from({ length: 1_440 }, (_, index) => "`".repeat(index + 1)).join(" ");

/** The name of the control. */
export const harmless = "words";

/** Texts of about 1 MiB. Each but the first takes some parser quadratic time or longer. */
export const adversarialTexts: Record<string, string> = {
  [harmless]: filled("Some words, `code`, **bold** and a line.\n\n```js\nconst one = 1;\n```\n\n"),
  emphasis: filled("_a*"),
  braces: filled("{"),
  "open objects": filled('{"'),
  fences: filled("```\n"),
  "an open fence": filled("~~~ a\n", "```js\n"),
  brackets: filled("[", "```\n```\n"),
  backticks: growing,
  "link starts": filled("[a](<b"),
  tables: filled("|a|b|\n", "|a|b|\n|-|-|\n"),
  html: filled("<a b='"),
  "blank lines": filled("\n", "```\n```\n").concat("end"),
  quotes: filled("> "),
  lists: filled("- ", "~~~\n~~~\n"),
  "carriage returns": filled("\r", "```").concat("end"),
  surrogates: filled("\ud83d").slice(0, size / 3),
  numbers: filled("1. 1e999\n"),
  thoughts: filled("<think>"),
  escapes: filled('\\"'),
};
