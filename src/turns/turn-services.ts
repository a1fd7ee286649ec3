import type { PromptSet } from "../../graphs/prompt.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Bus } from "./bus.ts";
import type { FailureLog } from "./failure-log.ts";
import type { Live } from "./live.ts";
import type { ModelServices } from "./silent-host.ts";
import type { FileReader } from "./turn-files.ts";

/** What a turn of a conversation needs besides. */
export interface TurnServices extends ModelServices {
  prompts: () => PromptSet;
  store: Store;
  bus: Bus;
  live: Live;
  metrics: Metrics;
  log: Log;
  failures: FailureLog;
  files: FileReader;
}
