import type { FileFacts } from "../../graphs/files.ts";
import type { JsonObject } from "../../graphs/host.ts";
import type { LiveEvent, ToolCall } from "./bus.ts";
import type { GrowingText } from "./growing-text.ts";
import type { LiveCall, LiveTurn } from "./live-turn.ts";

/** In UTF-16 units, as JSON. Of the tool calls, the newest are told in full. */
const maxCallUnits = 262_144;

/** A text from an offset on. */
export interface TextFrom {
  restarts: number;
  offset: number;
  text: string;
}

/** A running turn as plain data, for a node that has missed a part of it. */
export interface Snapshot {
  turnId: string;
  attempt: number;
  query: string;
  attachments?: readonly FileFacts[];
  stage: JsonObject;
  answer: TextFrom;
  reasoning?: TextFrom;
  calls: [key: string, call: LiveCall][];
}

/** How much of a turn a node has. */
export interface Has {
  turnId: string;
  answer: Omit<TextFrom, "text">;
  reasoning?: Omit<TextFrom, "text">;
}

export function hasOf(turn: LiveTurn | undefined): Has | undefined {
  if (!turn) return undefined;
  const { id: turnId, answer, reasoning } = turn;
  return { turnId, answer: lengthOf(answer), ...(reasoning && { reasoning: lengthOf(reasoning) }) };
}

/** The turn, without the texts that the other node has. */
export function snapshotOf(turn: LiveTurn, has: Has | undefined): Snapshot {
  const { id: turnId, attempt, query, attachments, stage, answer, reasoning, calls } = turn;
  const known = has?.turnId === turnId ? has : undefined;
  return {
    turnId,
    attempt,
    query,
    ...(attachments && { attachments }),
    stage,
    answer: restOf(answer, known?.answer),
    ...(reasoning && { reasoning: restOf(reasoning, known?.reasoning) }),
    calls: boundedCalls(calls),
  };
}

/**
 * The events that lead from what is known to the snapshot. None if the snapshot is older; `gap` if its texts begin later than what is known ends.
 * The known turn has to be the same one, or none.
 */
export function eventsTo(known: LiveTurn | undefined, snapshot: Snapshot): LiveEvent[] | "gap" {
  const { turnId, attempt, query, attachments, stage, calls } = snapshot;
  if (known && known.answer.restarts > snapshot.answer.restarts) return [];
  const answer = textTo("text", turnId, known?.answer, snapshot.answer);
  const reasoning = snapshot.reasoning ? textTo("reasoning", turnId, known?.reasoning, snapshot.reasoning) : [];
  if (answer === "gap" || reasoning === "gap") return "gap";
  const { restarts } = snapshot.answer;
  const asked = { query, ...(attachments && { attachments }) };
  const began: LiveEvent[] = known
    ? []
    : [{ type: "began", turnId, attempt, ...asked, restarts, isElsewhere: true, isLate: true }];
  const answeredIds = known?.requests.map(({ interrupt_id }) => interrupt_id) ?? [];
  if (answeredIds.length > 0) began.push({ type: "answered", turnId, interruptIds: answeredIds });
  const isNewStage = !known || JSON.stringify(known.stage) !== JSON.stringify(stage);
  return [
    ...began,
    ...(isNewStage ? [{ type: "stage", turnId, stage } as const] : []),
    ...reasoning,
    ...calls.flatMap(([key, call]) =>
      callsTo(known?.calls.get(key), call).map((one) => ({ type: "tool", turnId, key, call: one }) as const),
    ),
    ...answer,
  ];
}

/** A piece of text from another node, without what is known of it. `stale` if there is nothing new in it. */
export function fitted(
  known: LiveTurn | undefined,
  event: Extract<LiveEvent, { type: "text" | "reasoning" }>,
): LiveEvent | "gap" | "stale" {
  if (known?.id !== event.turnId) return "gap";
  const text = event.type === "text" ? known.answer : known.reasoning;
  if (text && text.restarts > event.restarts) return "stale";
  const length = text?.restarts === event.restarts ? text.length : 0;
  if (event.offset > length) return "gap";
  const rest = event.text.slice(length - event.offset);
  const isNew = text?.restarts !== event.restarts;
  return rest === "" && !isNew ? "stale" : { ...event, offset: length, text: rest };
}

function lengthOf({ restarts, length }: GrowingText) {
  return { restarts, offset: length };
}

function restOf(text: GrowingText, has: Omit<TextFrom, "text"> | undefined): TextFrom {
  const { restarts } = text;
  const offset = has?.restarts === restarts ? Math.min(has.offset, text.length) : 0;
  return { restarts, offset, text: text.read({ restarts, offset }, text.length)?.text ?? "" };
}

function textTo(
  type: "text" | "reasoning",
  turnId: string,
  known: GrowingText | undefined,
  { restarts, offset, text }: TextFrom,
): LiveEvent[] | "gap" {
  if (known && known.restarts > restarts) return [];
  const length = known?.restarts === restarts ? known.length : 0;
  if (offset > length) return "gap";
  const rest = text.slice(length - offset);
  const isRestart = known !== undefined && known.restarts !== restarts;
  return rest === "" && !isRestart ? [] : [{ type, turnId, restarts, offset: length, text: rest }];
}

/** The events of a tool call that are not known. */
function callsTo(known: LiveCall | undefined, { started, delta, ended }: LiveCall): ToolCall[] {
  const { tool_call_id, tool_name } = started;
  const isSame = known?.started.tool_call_id === tool_call_id;
  const before = isSame ? known : undefined;
  const rest = delta.startsWith(before?.delta ?? "") ? delta.slice(before?.delta.length ?? 0) : "";
  return [
    ...(before ? [] : [started]),
    ...(rest === "" ? [] : [{ tool_call_id, tool_name, stage: "output", delta: rest } as const]),
    ...(ended && !before?.ended ? [ended] : []),
  ];
}

/** Older calls lose their texts if all together would be too long. */
function boundedCalls(calls: ReadonlyMap<string, LiveCall>): [string, LiveCall][] {
  let left = maxCallUnits;
  const bounded = [...calls].reverse().map(([key, call]): [string, LiveCall] => {
    left -= JSON.stringify(call).length;
    return [key, left >= 0 ? call : { ...call, started: bare(call.started), delta: "", ...endOf(call) }];
  });
  return bounded.reverse();
}

function endOf({ ended }: LiveCall) {
  return ended && { ended: bare(ended) };
}

function bare({ tool_call_id, tool_name, stage }: ToolCall): ToolCall {
  return { tool_call_id, tool_name, stage };
}
