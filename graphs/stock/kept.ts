import {
  type BaseMessage,
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  type StoredMessage,
} from "@langchain/core/messages";
import { type BaseCheckpointSaver, emptyCheckpoint, INTERRUPT } from "@langchain/langgraph";

import type { JsonObject } from "../host.ts";
import { isObject } from "../json.ts";
import { withoutFiles } from "./asked.ts";
import type { HeldSaver } from "./held-saver.ts";

/** What a stock graph leaves to its next turn. */
export interface Kept {
  /** The turn that left it. */
  turnId: string;
  /** The graph's whole list of messages, if it rewrote what it was given. */
  messages: BaseMessage[] | undefined;
  /** Its other state by namespace, as LangGraph serializes it: "" for the graph itself, others for subgraphs that keep theirs. */
  state: Record<string, string>;
}

/** Undefined if there is nothing to keep. */
export function keptAsJson({ turnId, messages, state }: Kept): JsonObject | undefined {
  if (!messages && Object.keys(state).length === 0) return undefined;
  return {
    turn_id: turnId,
    state,
    ...(messages && { messages: mapChatMessagesToStoredMessages(messages.map(withoutFiles)) }),
  };
}

export function keptFromJson(json: JsonObject | undefined): Kept | undefined {
  if (!json || typeof json.turn_id !== "string" || !isObject(json.state)) return undefined;
  // Both were written by `keptAsJson`.
  const messages = Array.isArray(json.messages)
    ? mapStoredMessagesToChatMessages(json.messages as StoredMessage[])
    : undefined;
  return { turnId: json.turn_id, state: json.state as Record<string, string>, messages };
}

/** The channel in which an entrypoint finds its `previous`. */
const previous = "__previous__";

/** What lasts of a turn's state: everything but the graph's messages, and what only LangGraph needs. */
export async function stateOf(
  saver: HeldSaver,
  threadId: string,
  namespaces: Iterable<string>,
): Promise<Record<string, string>> {
  const state: Record<string, string> = {};
  for (const namespace of ["", ...namespaces]) {
    const lasting = Object.entries(await saver.values(threadId, namespace)).filter(
      ([channel, value]) => value !== undefined && lasts(channel) && (channel !== "messages" || namespace !== ""),
    );
    if (lasting.length === 0) continue;
    const [type, bytes] = await saver.serde.dumpsTyped(Object.fromEntries(lasting));
    if (type === "json") state[namespace] = new TextDecoder().decode(bytes);
  }
  return state;
}

/** LangGraph never keeps the values of these channels. */
const passing = new Set(["EphemeralValue", "UntrackedValue"]);

/** A graph may have state besides its messages. Otherwise there is nothing to read at the end of a turn. */
export function mayKeepState({ channels = {} }: { channels?: Record<string, unknown> }): boolean {
  return Object.entries(channels).some(([name, channel]) => {
    const kind = (channel as { lc_graph_name?: string }).lc_graph_name ?? "";
    return name !== "messages" && lasts(name) && !passing.has(kind);
  });
}

function lasts(channel: string): boolean {
  return channel === previous || !/^(?:__|branch:|join:)/.test(channel);
}

/** What LangGraph calls the source of a checkpoint that no run has made. */
const seedSource = "update";

/** Lets the graph of a turn begin with what an earlier turn has left. */
export async function seed(saver: BaseCheckpointSaver, threadId: string, state: Record<string, string>): Promise<void> {
  for (const [namespace, text] of Object.entries(state)) {
    const channel_values = (await saver.serde.loadsTyped("json", text)) as Record<string, unknown>; // an object, see `stateOf`
    const version = saver.getNextVersion(undefined);
    const versions = Object.fromEntries(Object.keys(channel_values).map((channel) => [channel, version]));
    const checkpoint = { ...emptyCheckpoint(), channel_values, channel_versions: versions };
    const config = { configurable: { thread_id: threadId, checkpoint_ns: namespace } };
    await saver.put(config, checkpoint, { source: seedSource, step: -2, parents: {} }, versions);
  }
}

/** How far the graph of the turn has come. */
export interface Reached {
  messages: BaseMessage[];
  /** It has asked a person. */
  hasAsked: boolean;
}

/** Undefined if the graph has not begun. */
export async function reached(saver: BaseCheckpointSaver, threadId: string): Promise<Reached | undefined> {
  const tuple = await saver.getTuple({ configurable: { thread_id: threadId, checkpoint_ns: "" } });
  if (!tuple || tuple.metadata?.source === seedSource) return undefined;
  const { messages } = tuple.checkpoint.channel_values;
  return {
    messages: Array.isArray(messages) ? (messages as BaseMessage[]) : [],
    hasAsked: tuple.pendingWrites?.some(([, channel]) => channel === INTERRUPT) === true,
  };
}
