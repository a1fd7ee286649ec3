import type { RateLimits } from "../limits/rate-limits.ts";
import type { Rating, Store, Turn } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";
import type { Turns } from "../turns/accept.ts";
import type { Live } from "../turns/live.ts";
import type { Runner } from "../turns/runner.ts";
import type { Delivery } from "./backlog.ts";
import type { Members } from "./members.ts";

/** What a conversation's channel works with. */
export interface Services {
  store: Store;
  live: Live;
  turns: Turns;
  runner: Runner;
  members: Members;
  limits: RateLimits;
  allowedModels: ReadonlySet<string>;
  /** The registry as it is now. */
  engines: () => object;
  log: Log;
  delivered: Delivery;
  /** A user has said how good a turn was. */
  rated: (turn: Turn, rating: Rating) => void;
  /** True once the server takes no new messages. */
  draining: () => boolean;
}
