import type { Before, RecordedCall, RecordedWait } from "../store/records.ts";
import type { Turn } from "../store/turns.ts";

/** `recorded`: calls have the results that they had in the turn, and no tool runs. */
export type ToolMode = "recorded" | "live";

/** What a replay needs of its turn beside the inputs. */
export interface Past {
  turn: Turn;
  calls: readonly RecordedCall[];
  waits: readonly RecordedWait[];
  tools: ToolMode;
  /** What the turn found in its history. */
  before: Before;
}
