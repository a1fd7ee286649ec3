/** Formats a cost with two significant digits, and at least two decimals. */
export function dollars(sum: number): string {
  return `US$ ${sum === 0 ? "0" : sum.toFixed(Math.max(2, 2 - Math.floor(Math.log10(sum))))}`;
}
