const isLong = process.env.TEST_LONG === "1";

/** How much of something a test does: as `npm test`, or as `npm run test:long`. */
export function size(usual: number, long: number): number {
  return isLong ? long : usual;
}
