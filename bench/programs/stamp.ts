/** Tenths of a millisecond by a clock that all processes of the machine share. */
function tenths(): number {
  return Number(process.hrtime.bigint() / 100_000n);
}

const digits = 5;
const wrap = 36 ** digits;

/** A token that says when it was written, as long as every other. */
export function stamp(): string {
  return ` ${(tenths() % wrap).toString(36).padStart(digits, "0")}`;
}

/** How many ms ago that was, at most an hour. */
export function sinceStamp(token: string): number {
  return ((tenths() - Number.parseInt(token, 36) + wrap) % wrap) / 10;
}
