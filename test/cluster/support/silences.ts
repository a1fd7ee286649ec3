import { isEnd } from "./proof.ts";
import type { Talk } from "./talk.ts";

/** How long those who asked waited in each turn for its next sign of life, at most. Turns that wait behind others have not begun. */
export function silences(talks: readonly Talk[]): number[] {
  return talks.flatMap(({ asked, members }) =>
    asked.map(({ turnId }) => {
      const own = (members[0]?.events ?? []).filter(
        ({ payload }) => payload.turn_id === turnId && payload.stage !== "queued",
      );
      const times = own.slice(0, own.findIndex(isEnd) + 1).map(({ at }) => at);
      return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)));
    }),
  );
}
