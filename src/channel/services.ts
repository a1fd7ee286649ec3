import type { RateLimits } from "../limits/rate-limits.ts";
import type { Rating } from "../store/history.ts";
import type { Store } from "../store/store.ts";
import type { Turn } from "../store/turns.ts";
import type { Log } from "../telemetry/log.ts";
import type { Bus } from "../turns/bus.ts";
import type { Live } from "../turns/live.ts";
import type { Turns } from "../turns/turns.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Members } from "./members.ts";

/** What a conversation's channel works with. */
export interface Services {
  store: Store;
  bus: Bus;
  live: Live;
  turns: Turns;
  members: Members;
  limits: RateLimits;
  allowedModels: ReadonlySet<string>;
  /** The registry as it is now. */
  engines: () => object;
  log: Log;
  deliveries: Deliveries;
  /** A user has said how good a turn was. */
  rated: (turn: Turn, rating: Rating) => void;
  /** True once the server takes no new messages. */
  draining: () => boolean;
}
