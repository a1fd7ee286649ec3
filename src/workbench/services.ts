import type { RateLimits } from "../limits/rate-limits.ts";
import type { ModelInUse } from "../models/model-in-use.ts";
import type { Graphs } from "../reload/graphs.ts";
import type { PromptFolder } from "../reload/prompt-folder.ts";
import type { ConversationStore } from "../store/conversations.ts";
import type { Records } from "../store/records.ts";
import type { Log } from "../telemetry/log.ts";
import type { DetachedServices } from "./detached.ts";
import type { Inspector } from "./inspector.ts";
import type { McpServer } from "./wire/tools.ts";

/** The dependencies of the workbench's channel. */
export interface Workbench {
  conversations: Pick<ConversationStore, "conversation">;
  records: Records;
  prompts: PromptFolder;
  graphs: Graphs;
  services: DetachedServices;
  /** The MCP servers of the settings, as last known. */
  mcp: () => readonly McpServer[];
  inspector: Inspector;
  limits: RateLimits;
  allowedModels: ReadonlySet<string>;
  /** Whether prompts may be saved to disk and models connected, by the keys in WORKBENCH_KEYS. */
  canEdit: boolean;
  /** The model in use, and how to save another choice. `save` returns the settings that the process's environment overrides. */
  model: { inUse: ModelInUse; save: ((settings: Record<string, string>) => string[]) | undefined };
  /** Longest duration of a replay. */
  timeoutMs: number;
  log: Log;
}
