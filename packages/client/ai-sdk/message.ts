import type { InferUIMessageChunk, UIMessage } from "ai";

import type { ConversationErrorCode } from "../error.ts";
import type { ServerEvents } from "../protocol.ts";
import type { FileFacts, Part, RequestPart, Source, TurnState, TurnStatus } from "../store/state.ts";
import { toolPartsOf } from "./approvals.ts";

/** A message of `useChat`: a question, or the answer to it. */
export type ConversationUIMessage = UIMessage<ConversationMetadata, ConversationDataParts>;

export type Chunk = InferUIMessageChunk<ConversationUIMessage>;

/** The same for a question and its answer, but only answers have the metadata of the response, such as `usage`. */
export interface ConversationMetadata extends Partial<ServerEvents["response"]["metadata"]> {
  /** Missing until the server has accepted the message. */
  turn_id?: string;
  status: TurnStatus;
  timestamp?: string;
  conversation_type?: TurnState["conversation_type"];
  routed_to?: TurnState["routed_to"];
  /** Why the turn failed, or why the message was refused. */
  error?: { code: ConversationErrorCode; message: string };
}

// Not an interface, because `UIMessage` requires an index signature.
export type ConversationDataParts = {
  /** Which engine answers, and why. At most one in a message. */
  route: Pick<TurnState, "conversation_type" | "routed_to" | "routing">;
  /** A step of the engine. Its part changes when the step ends. */
  step: Pick<Extract<Part, { type: "step" }>, "step" | "status" | "detail">;
  /** A question to a person: answer it with `conversation.respond`. Tool calls to approve have tool parts, too. */
  request: Pick<RequestPart, "interrupt_id" | "value" | "status">;
  /** What a graph wrote for pages. Only for `onData`; not a part of the message. */
  custom: unknown;
};

type UIPart = ConversationUIMessage["parts"][number];

/** The statuses of a turn of which more comes by itself. One that waits for a person is shown as it is. */
const streaming: ReadonlySet<TurnStatus> = new Set<TurnStatus>(["sending", "queued", "running"]);

export function isStreaming({ status }: Pick<TurnState, "status">): boolean {
  return streaming.has(status);
}

export function isUnfinished(turn: Pick<TurnState, "status">): boolean {
  return isStreaming(turn) || turn.status === "waiting";
}

/** The question with the given id and, once the server has accepted it, the answer, whose id is the `turn_id`. */
export function messagesOf(turn: TurnState, questionId: string): ConversationUIMessage[] {
  const question: ConversationUIMessage = {
    id: questionId,
    role: "user",
    metadata: outcomeOf(turn),
    parts: [{ type: "text", text: turn.query }, ...(turn.attachments ?? []).map(filePart)],
  };
  if (turn.turn_id === undefined) return [question];
  return [question, { id: turn.turn_id, role: "assistant", metadata: metadataOf(turn), parts: partsOf(turn) }];
}

/** Not an address: `downloadFile` gets the file. */
const filePrefix = "conversation-file:";

function filePart({ file_id, name, media_type }: FileFacts) {
  return { type: "file", url: `${filePrefix}${file_id}`, mediaType: media_type, filename: name } as const;
}

/** The id of a file that the server has already. */
export function fileIdOf({ url }: { url: string }): string | undefined {
  return url.startsWith(filePrefix) ? url.slice(filePrefix.length) : undefined;
}

export function metadataOf(turn: TurnState): ConversationMetadata {
  const { conversation_type, routed_to, metadata } = turn;
  return {
    ...metadata,
    ...outcomeOf(turn),
    ...(conversation_type && { conversation_type }),
    ...(routed_to && { routed_to }),
  };
}

function outcomeOf({ turn_id, status, timestamp, error }: TurnState): ConversationMetadata {
  return {
    status,
    ...(turn_id !== undefined && { turn_id }),
    ...(timestamp !== undefined && { timestamp }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}

function partsOf(turn: TurnState): UIPart[] {
  const state = isStreaming(turn) ? "streaming" : "done";
  const tools = toolPartsOf(turn);
  const parts = shownParts(turn).flatMap((part, at): UIPart[] => {
    if ("text" in part) return part.text === "" ? [] : [{ type: part.type, text: part.text, state }];
    return [...dataParts(part, at), ...(tools.get(part) ?? [])];
  });
  return turn.routed_to ? [routePart(turn), ...parts] : parts;
}

/** The parts that a message has. */
export function shownParts({ parts }: TurnState): readonly Part[] {
  return parts.some(({ type }) => type === "custom") ? parts.filter(({ type }) => type !== "custom") : parts;
}

/** `at`: the part's index, which never changes. */
export function dataParts(part: Part, at: number) {
  if (part.type === "step") return [stepPart(part, at)];
  if (part.type === "sources") return part.sources.map(sourcePart);
  if (part.type !== "request") return [];
  const { type: _type, ...data } = part;
  return [{ type: "data-request", id: part.interrupt_id, data } as const];
}

function sourcePart({ title, url, file_id }: Source, at: number) {
  const sourceId = `source-${at + 1}`;
  if (url !== undefined) return { type: "source-url", sourceId, url, title } as const;
  const filename = file_id === undefined ? {} : { filename: title };
  return { type: "source-document", sourceId, title, mediaType: "text/plain", ...filename } as const;
}

export function routePart({ conversation_type, routed_to, routing }: TurnState) {
  const data = { conversation_type, routed_to, ...(routing && { routing }) };
  return { type: "data-route", id: "route", data } as const;
}

function stepPart({ type: _type, ...data }: Extract<Part, { type: "step" }>, at: number) {
  return { type: "data-step", id: `step-${at}`, data } as const;
}
