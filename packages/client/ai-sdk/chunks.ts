import type { InferUIMessageChunk } from "ai";

import type { Part, TurnState } from "../store/state.ts";
import { type ConversationUIMessage, isUnfinished, metadataOf, routePart, stepPart } from "./message.ts";

export type Chunk = InferUIMessageChunk<ConversationUIMessage>;

type Written = Extract<Part, { text: string }>;

/**
 * Turns the successive states of a turn into the chunks of a UI message stream: each call returns what is new since the
 * last one. The first state may be any, for example that of a turn whose answer is half written.
 */
export function chunker(): (turn: TurnState) => Chunk[] {
  let told: TurnState | undefined;

  return (turn) => {
    if (turn.turn_id === undefined) return [];
    const chunks: Chunk[] = [];
    if (!told) {
      chunks.push(
        { type: "start", messageId: turn.turn_id, messageMetadata: metadataOf(turn) },
        { type: "start-step" },
      );
    } else if (!continues(told, turn)) {
      chunks.push({ type: "reset-step" });
    }
    const before = chunks.length > 0 ? { ...turn, routed_to: undefined, parts: [] } : (told ?? turn);
    if (turn.routed_to && !before.routed_to) chunks.push(routePart(turn));
    for (const [at, part] of turn.parts.entries()) chunks.push(...partChunks(part, at, { turn, before }));
    if (!isUnfinished(turn)) chunks.push(endChunk(turn));
    else if (told && turn.status !== told.status) {
      chunks.push({ type: "message-metadata", messageMetadata: metadataOf(turn) });
    }
    told = turn;
    return chunks;
  };
}

/** Whether a turn only grew. Otherwise its answer started over, and the text shown so far is discarded. */
function continues(told: TurnState, turn: TurnState): boolean {
  return told.parts.every((part, at) => {
    const next = turn.parts[at];
    if (part === next) return true;
    if (part.type !== next?.type) return false;
    if (!("text" in part) || !("text" in next)) return true;
    // Comparing a slice is many times as fast as `startsWith`, and long answers come in thousands of pieces.
    return part.text === (isOver(part, told) ? next.text : next.text.slice(0, part.text.length));
  });
}

/** `before` has the same parts, or their beginnings, or none. A part without text is not shown. */
function partChunks(part: Part, at: number, { turn, before }: { turn: TurnState; before: TurnState }): Chunk[] {
  const known = before.parts[at];
  if (part.type === "step") return part === known ? [] : [stepPart(part, at)];
  if (!("text" in part) || part.text === "") return [];
  const id = `${part.type}-${at}`;
  const text = known && "text" in known ? known.text : "";
  const wasOver = text !== "" && isOver(part, before);
  return [
    ...(text === "" ? [{ type: `${part.type}-start`, id } as const] : []),
    ...(part.text === text ? [] : [{ type: `${part.type}-delta`, id, delta: part.text.slice(text.length) } as const]),
    ...(isOver(part, turn) && !wasOver ? [{ type: `${part.type}-end`, id } as const] : []),
  ];
}

/** Reasoning counts as finished when the answer begins. */
function isOver({ type }: Written, turn: TurnState): boolean {
  return !isUnfinished(turn) || (type === "reasoning" && turn.text !== "");
}

function endChunk(turn: TurnState): Chunk {
  const messageMetadata = metadataOf(turn);
  if (turn.status === "failed") return { type: "message-metadata", messageMetadata };
  return { type: "finish", finishReason: finishReason(turn), messageMetadata };
}

function finishReason({ status, metadata }: TurnState): "stop" | "length" | "other" {
  if (status === "stopped") return "other";
  return metadata?.truncated ? "length" : "stop";
}
