/** True under `npm run test:long`. Only there do tests check times, because `npm test` may run on a busy machine. */
export const isLong = process.env.TEST_LONG === "1";

/** `TEST_SHARE=0.1 npm run test:long`: every test of the long run, with a tenth of its repetitions. */
const share = Number(process.env.TEST_SHARE ?? 1);

/** A test's size: the first in `npm test`, the second in `npm run test:long`. */
export function size(usual: number, long: number): number {
  return isLong ? Math.max(Math.min(usual, long), Math.round(long * share)) : usual;
}

/** Cases that take seconds each: all of them in `npm run test:long`, the first in `npm test`. */
export function some<Case>(cases: readonly Case[]): Case[] {
  return isLong ? [...cases] : cases.slice(0, 1);
}
