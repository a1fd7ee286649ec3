import type { Part, TurnState } from "../store/state.ts";
import { toolPartsOf } from "./approvals.ts";
import { type Chunk, dataParts, isStreaming, metadataOf, routePart, shownParts } from "./message.ts";
import { toolChunks } from "./tool-chunks.ts";

type Written = Extract<Part, { text: string }>;

/** A turn as the message has it: without custom data. */
interface Told {
  turn: TurnState;
  parts: readonly Part[];
  tools: ReturnType<typeof toolPartsOf>;
}

/**
 * Turns the successive states of a turn into the chunks of a UI message stream: each call returns what is new since the
 * last one. The first state may be any, for example that of a turn whose answer is half written.
 */
export function chunker(): (turn: TurnState) => Chunk[] {
  let told: Told | undefined;

  return (turn) => {
    if (turn.turn_id === undefined) return [];
    const chunks: Chunk[] = [];
    const now: Told = { turn, parts: shownParts(turn), tools: toolPartsOf(turn) };
    const custom = newCustom(turn, told?.turn);
    if (!told) {
      chunks.push(
        { type: "start", messageId: turn.turn_id, messageMetadata: metadataOf(turn) },
        { type: "reset-step" }, // the message may be there already, with an approval
        { type: "start-step" },
      );
    } else if (!continues(told, now)) {
      chunks.push({ type: "reset-step" });
    }
    const nothing: Told = { turn: { ...turn, routed_to: undefined }, parts: [], tools: new Map() };
    const before = chunks.length > 0 ? nothing : (told ?? nothing);
    if (turn.routed_to && !before.turn.routed_to) chunks.push(routePart(turn));
    for (const at of now.parts.keys()) chunks.push(...partChunks(at, now, before));
    chunks.push(...custom);
    if (!isStreaming(turn)) chunks.push(endChunk(turn));
    else if (told && turn.status !== told.turn.status) {
      chunks.push({ type: "message-metadata", messageMetadata: metadataOf(turn) });
    }
    told = now;
    return chunks;
  };
}

function newCustom({ parts }: TurnState, before: TurnState | undefined): Chunk[] {
  const known = new Set(before?.parts);
  return parts.flatMap((part): Chunk[] =>
    part.type === "custom" && !known.has(part) ? [{ type: "data-custom", data: part.data, transient: true }] : [],
  );
}

/** Whether a turn only grew. Otherwise its answer started over, and the text shown so far is discarded. */
function continues(told: Told, now: Told): boolean {
  return told.parts.every((part, at) => {
    const next = now.parts[at];
    if (part === next) return true;
    if (part.type !== next?.type) return false;
    if (!("text" in part) || !("text" in next)) return true;
    // Comparing a slice is many times as fast as `startsWith`, and long answers come in thousands of pieces.
    return part.text === (isOver(part, told.turn) ? next.text : next.text.slice(0, part.text.length));
  });
}

/** `before` has the same parts, or their beginnings, or none. A part without text is not shown. */
function partChunks(at: number, now: Told, before: Told): Chunk[] {
  const [part, known] = [now.parts[at], before.parts[at]];
  if (!part) return [];
  if (!("text" in part)) {
    const data = part === known ? [] : dataParts(part, at);
    const tools = known && before.tools.get(known);
    return [...data, ...toolChunks(now.tools.get(part), tools)];
  }
  if (part.text === "") return [];
  const id = `${part.type}-${at}`;
  const text = known && "text" in known ? known.text : "";
  const wasOver = text !== "" && isOver(part, before.turn);
  return [
    ...(text === "" ? [{ type: `${part.type}-start`, id } as const] : []),
    ...(part.text === text ? [] : [{ type: `${part.type}-delta`, id, delta: part.text.slice(text.length) } as const]),
    ...(isOver(part, now.turn) && !wasOver ? [{ type: `${part.type}-end`, id } as const] : []),
  ];
}

/** Reasoning counts as finished when the answer begins. */
function isOver({ type }: Written, turn: TurnState): boolean {
  return !isStreaming(turn) || (type === "reasoning" && turn.text !== "");
}

function endChunk(turn: TurnState): Chunk {
  const messageMetadata = metadataOf(turn);
  if (turn.status === "failed") return { type: "message-metadata", messageMetadata };
  return { type: "finish", finishReason: finishReason(turn), messageMetadata };
}

function finishReason({ status, metadata }: TurnState): "stop" | "length" | "tool-calls" | "other" {
  if (status === "waiting") return "tool-calls";
  if (status === "stopped") return "other";
  return metadata?.truncated ? "length" : "stop";
}
