/** Tenths of a millisecond, from a clock that all processes share. */
function tenths(): number {
  return Number(process.hrtime.bigint() / 100_000n);
}

const digits = 5;
const wrap = 36 ** digits;

/** A token that contains the current time, with the length of all tokens. */
export function stamp(): string {
  return ` ${(tenths() % wrap).toString(36).padStart(digits, "0")}`;
}

/** The age of a stamp in ms. Stamps wrap around after more than an hour. */
export function sinceStamp(token: string): number {
  return ((tenths() - Number.parseInt(token, 36) + wrap) % wrap) / 10;
}
