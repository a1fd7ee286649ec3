import type { RateLimits } from "../limits/rate-limits.ts";
import type { Rating } from "../store/history.ts";
import type { Store } from "../store/store.ts";
import type { Turn } from "../store/turns.ts";
import type { Log } from "../telemetry/log.ts";
import type { Bus } from "../turns/bus.ts";
import type { Live } from "../turns/live.ts";
import type { Turns } from "../turns/turns.ts";
import type { BacklogServices } from "./backlog.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Members } from "./members.ts";

/** The dependencies of the conversation channel. */
export interface Services {
  store: Store;
  bus: Bus;
  live: Live;
  turns: Turns;
  members: Members;
  limits: RateLimits;
  allowedModels: ReadonlySet<string>;
  /** The longest message, in Unicode code points. */
  messageMaxChars: number;
  /** The current registry, by conversation type. */
  engines: () => object;
  log: Log;
  deliveries: Deliveries;
  /** What the members with the operator's key see: why turns failed, too. */
  forOperator: Required<BacklogServices>;
  /** Called for each feedback. */
  rated: (turn: Turn, rating: Rating) => void;
  /** True once the server is shutting down. */
  draining: () => boolean;
}
