/** Longer runs are of no use to anybody, and their fence would be as long. */
const maxRun = 32;

/** What chat templates mark turns with. A server may take them for its own wherever they come from. */
const turnMarks = /<(?=[|｜][^|｜<>\n]{1,40}[|｜]>|(?:start|end)_of_turn>|<\/?SYS>>)|\[(?=\/?INST\])/gi;

/** The text in a Markdown fence that it cannot end: the fence is longer than any in the text. */
export function fence(text: string): string {
  const safe = text
    .toWellFormed()
    .replace(turnMarks, "$& ")
    .replace(/`{33,}/g, "`".repeat(maxRun));
  const longest = (safe.match(/`{3,}/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const marks = "`".repeat(longest + 1);
  return `${marks}\n${safe}\n${marks}`;
}
