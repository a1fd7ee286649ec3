import type { ModelFailureCode } from "./failure.ts";
import type { Routing } from "./routing.ts";

/** Why a step has no finding. The turn continues without it. */
export interface StepFailure {
  code: ModelFailureCode | "unusable_reply";
  /** The first model that was tried. */
  model: string;
}

export type Progress =
  | { type: "routed"; route: string; routed_to: string; routing: Routing }
  | { type: "step_started"; step: string }
  | { type: "step_finished"; step: string; detail: unknown; failed?: StepFailure }
  | { type: "answering" };

/** What a tool call of a stock graph reports. */
export interface ToolCallEvent {
  /** This execution: unique within the turn, and the same when it runs again after a crash. Default: `tool_call_id`, which some servers use again. */
  key?: string;
  tool_call_id: string;
  tool_name: string;
  /** `output` only for tools that stream. */
  stage: "started" | "output" | "finished" | "failed";
  /** With `started`. */
  input?: unknown;
  /** With `started`: running the call twice does no harm. */
  repeatable?: boolean;
  /** With `started`: the result of an earlier run can stand for the call. Otherwise its function runs, whatever `started` resolves to. */
  usesRecorded?: boolean;
  /** With `output`. */
  delta?: string;
  /** With `finished`. */
  output?: unknown;
  /** With `failed`: a sentence for the user. */
  message?: string;
  /** With `finished` and `failed`: what stands for the call when it is not run again, as JSON. Default: its output. */
  result?: unknown;
}
