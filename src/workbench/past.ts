import type { Host } from "../../graphs/host.ts";
import type { RecordedCall, RecordedWait } from "../store/records.ts";

/** `recorded`: calls have the results that they had in the turn, and no tool runs. */
export type ToolMode = "recorded" | "live";

/** What a replay needs of its turn beside the inputs. */
export interface Past {
  /** What nodes and tools find in `configurable`. */
  ids: { turn_id: string; conversation_id: string; session_id: string; user_id: string };
  calls: readonly RecordedCall[];
  waits: readonly RecordedWait[];
  tools: ToolMode;
  lastKept: Host["lastKept"];
}
