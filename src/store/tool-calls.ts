import type { Claim } from "./turns.ts";

/** What is known of a tool call when it starts. */
export type CallStart =
  /** It may run: it has not started before, or only before the turn waited, or it may be repeated. */
  | { type: "new" }
  /** It has started in an earlier attempt, which crashed before the call ended. Nothing was written. */
  | { type: "unfinished" }
  /** It has ended in an earlier attempt. `output` is JSON; undefined if it was too long to keep. */
  | { type: "finished"; output: string | undefined }
  /** The claim is void: nothing was written. */
  | { type: "void" };

/** The tool calls of turns in flight. They are deleted when the turn ends. `call` is unique within the turn. `told` is what clients are told, as JSON. */
export interface ToolCallStore {
  /** Resolves once the start is on disk. `mayRepeat`: running the call twice does no harm. */
  start(claim: Claim, call: string, start: { told: string; mayRepeat: boolean }): Promise<CallStart>;
  /** Stores that a call has ended, and its output as JSON if it can be used again. Does nothing if the claim is void. */
  end(claim: Claim, call: string, end: { told: string; output: string | undefined }): Promise<void>;
  /** What clients were told of an unfinished turn's calls, by call, in the order in which they first started. */
  told(turnId: string): Promise<ReadonlyMap<string, string>>;
}
