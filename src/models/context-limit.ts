const number = String.raw`(\d[\d,_]{2,11})`;

/** "maximum context length is 8192 tokens", "maximum number of tokens allowed (8192)", "context length of only 4096", "8192 maximum". */
const limits = new RegExp(
  [
    String.raw`(?:maximum|max|limit|only|n_ctx|context (?:length|window|size))[^\d.;]{0,40}${number}`,
    `${number} (?:tokens? )?(?:maximum|max|limit)`,
  ].join("|"),
  "g",
);

/** The length of a model's context, in tokens, from the error of a server that found a request too long. Only a hint: the words may mislead. */
export function contextLimitIn(message: string): number | undefined {
  const found = [...message.toLowerCase().matchAll(limits)].map(([, before, after]) => before ?? after ?? "");
  const numbers = found.map((digits) => Number(digits.replaceAll(/[,_]/g, ""))).filter((limit) => limit >= 256);
  return numbers.length > 0 ? Math.min(...numbers) : undefined;
}
