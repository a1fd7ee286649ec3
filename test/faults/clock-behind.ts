/** Preloaded into a server by `node --import`: sets its clock back by `CLOCK_BEHIND_MS`. */
const behindMs = Number(process.env.CLOCK_BEHIND_MS ?? 0);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...values: [] | [number]) {
    super(...(values.length === 0 ? ([RealDate.now() - behindMs] as const) : values));
  }

  static override now(): number {
    return RealDate.now() - behindMs;
  }
} as DateConstructor; // it is only called with `new`
