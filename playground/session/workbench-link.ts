import { computed, signal } from "@preact/signals";
import { ConversationError } from "conversation-channel-client";
import type { Channel, Socket } from "phoenix";

/** The reply to the join of `workbench:<conversation_id>`, with the conversation's id. */
export interface WorkbenchJoined {
  conversation_id: string;
  can_edit: boolean;
  /** Updated when the model changes. */
  models: string[];
  model: { name: string; is_demo: boolean; can_connect: boolean; can_save: boolean };
  prompts: unknown[];
  graphs: { name: string; routed_to: string | null }[];
  graph_fault: unknown;
}

type Listener = (payload: never) => void;

/** Permanent join refusals, which phoenix.js would retry forever: no workbench, or another user's conversation. */
const permanent = ["unmatched topic", "not_found", "unauthorized"];

const listeners = new Map<string, Set<Listener>>();
const reply = signal<WorkbenchJoined | undefined>(undefined);
/** The model in use, if it has changed since the join. */
const changed = signal<Pick<WorkbenchJoined, "model" | "models"> | undefined>(undefined);
let channel: Channel | undefined;

/** The channel `workbench:<conversation_id>` of the open conversation, on the page's socket. */
export const workbench = {
  /** The join's reply, with the current model. Undefined while the channel is not joined, so always if the server has no workbench. */
  joined: computed(() => reply.value && { ...reply.value, ...changed.value }),
  /** The join's reply as it came. It changes only with a join. */
  reply: computed(() => reply.value),
  /** Resolves to the `ok` reply. Rejects with a `ConversationError`, also if the workbench is not available. */
  push<Reply = unknown>(event: string, payload: object): Promise<Reply> {
    if (!channel || !reply.value)
      return Promise.reject(new ConversationError("left", "The workbench is not available."));
    return replyTo<Reply>(channel, event, payload);
  },
  /** Adds a listener to an event, for all conversations. Returns a function that removes it. */
  on<Payload>(event: string, listener: (payload: Payload) => void): () => void {
    const known = listeners.get(event) ?? new Set();
    listeners.set(event, known.add(listener));
    return () => known.delete(listener);
  },
};

/** Whether the panel is open. Its component is loaded when it is opened first. */
export const isWorkbenchOpen = signal(false);

/** The turn to inspect. */
export const selectedTurn = signal<string | undefined>(undefined);

/** Opens the panel with a turn. */
export function inspect(turnId: string): void {
  selectedTurn.value = turnId;
  isWorkbenchOpen.value = true;
}

/** Joins the workbench of a joined conversation and leaves the one before. Only the page calls this. */
export function openWorkbench(socket: Socket, conversationId: string): void {
  closeWorkbench();
  const opened = socket.channel(`workbench:${conversationId}`, {});
  channel = opened;
  opened.onMessage = (event: string, payload: never) => {
    if (channel === opened && event === "model_changed") changed.value = payload;
    if (channel === opened) for (const listener of listeners.get(event) ?? []) listener(payload);
    return payload;
  };
  opened.onError(() => {
    if (channel === opened) reply.value = undefined;
  });
  opened
    .join()
    .receive("ok", (given: Omit<WorkbenchJoined, "conversation_id">) => {
      if (channel !== opened) return;
      changed.value = undefined;
      reply.value = { ...given, conversation_id: conversationId };
    })
    .receive("error", ({ reason }: { reason: string }) => {
      if (permanent.includes(reason)) opened.leave();
    });
}

/** Leaves the open workbench. Only the page calls this. */
export function closeWorkbench(): void {
  const closed = channel;
  channel = undefined;
  closed?.leave();
  reply.value = undefined;
  selectedTurn.value = undefined;
}

function replyTo<Reply>(to: Channel, event: string, payload: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    to.push(event, payload)
      .receive("ok", resolve)
      .receive("error", ({ reason, message, details }) => reject(new ConversationError(reason, message, details)))
      .receive("timeout", () => reject(new ConversationError("timeout", "The server did not reply in time.")));
  });
}
