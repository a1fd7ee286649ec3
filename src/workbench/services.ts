import type { RateLimits } from "../limits/rate-limits.ts";
import type { Graphs } from "../reload/graphs.ts";
import type { PromptFolder } from "../reload/prompt-folder.ts";
import type { ConversationStore } from "../store/conversations.ts";
import type { Records } from "../store/records.ts";
import type { Log } from "../telemetry/log.ts";
import type { ModelServices } from "../turns/turn-host.ts";
import type { Inspector } from "./inspector.ts";

/** The dependencies of the workbench's channel. */
export interface Workbench {
  conversations: Pick<ConversationStore, "conversation">;
  records: Records;
  prompts: PromptFolder;
  graphs: Graphs;
  services: ModelServices;
  inspector: Inspector;
  limits: RateLimits;
  allowedModels: ReadonlySet<string>;
  /** Whether prompts may be saved to disk, by the keys in WORKBENCH_KEYS. */
  canEdit: boolean;
  /** Longest duration of a replay. */
  timeoutMs: number;
  log: Log;
}
