import type { FileFacts } from "../../graphs/files.ts";
import type { InputRequest, JsonObject } from "../../graphs/host.ts";
import { cut } from "../../graphs/text.ts";
import type { Before, ToolCall } from "./bus.ts";
import { GrowingText } from "./growing-text.ts";

/** In UTF-16 units. What a tool streams beyond this is not told to members that join later. */
const maxStreamedUnits = 16_384;

/** What members that join later are told of a tool call. */
export interface LiveCall {
  started: ToolCall;
  /** What the tool has streamed. */
  delta: string;
  ended?: ToolCall;
}

/** A running or waiting turn: its stage, its texts so far, its tool calls and its open questions. */
export class LiveTurn {
  readonly id: string;
  /** The attempt that is shown. */
  attempt: number;
  /** It runs on another node: what is known here may be some milliseconds old. */
  isElsewhere: boolean;
  readonly query: string;
  readonly attachments: readonly FileFacts[] | undefined;
  /** The payload of the latest `thinking` event, for members that join later. */
  stage: JsonObject;
  readonly answer: GrowingText;
  /** What the model told about its thinking. Undefined as long as there is none. */
  reasoning: GrowingText | undefined;
  readonly calls = new Map<string, LiveCall>();
  /** What the turn waits for. Empty while it runs. */
  requests: readonly InputRequest[] = [];

  /** `restarts` is the number of discarded answers. */
  constructor(
    id: string,
    query: string,
    restarts: number,
    {
      attempt = 1,
      isElsewhere = false,
      attachments,
      before,
    }: { attempt?: number; isElsewhere?: boolean; attachments?: readonly FileFacts[]; before?: Before } = {},
  ) {
    this.id = id;
    this.attempt = attempt;
    this.isElsewhere = isElsewhere;
    this.query = query;
    this.attachments = attachments;
    this.stage = before?.stage ?? { stage: "accepted" };
    this.answer = new GrowingText(restarts);
    if (before?.answer) this.answer.append({ restarts, text: before.answer });
    if (before?.reasoning) this.think(before.reasoning);
    for (const [key, call] of before?.calls ?? []) this.call(key, call);
  }

  /** Appends a piece of the reasoning. */
  think(piece: { restarts: number; text: string }): void {
    this.reasoning ??= new GrowingText(piece.restarts);
    this.reasoning.append(piece);
  }

  call(key: string, call: ToolCall): void {
    const known = this.calls.get(key);
    if (call.stage === "started" || !known) this.calls.set(key, { started: { ...call, stage: "started" }, delta: "" });
    const current = this.calls.get(key);
    if (!current) return;
    if (call.stage === "output") current.delta = cut(current.delta + (call.delta ?? ""), maxStreamedUnits);
    if (call.stage === "finished" || call.stage === "failed") current.ended = call;
  }

  answered(interruptIds: readonly string[]): void {
    this.requests = this.requests.filter(({ interrupt_id }) => !interruptIds.includes(interrupt_id));
  }
}
