import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { type BaseMessage, RemoveMessage } from "@langchain/core/messages";
import { REMOVE_ALL_MESSAGES } from "@langchain/langgraph";

import type * as brain from "../../graphs/brain.ts";
import { answerId } from "../../graphs/conversation.ts";
import type { JsonObject, TurnContext } from "../../graphs/host.ts";
import { asked, remembered } from "../../graphs/memory.ts";
import type { Turn } from "../store/store.ts";

/** What turns run with. */
export interface Brain extends Pick<typeof brain, "condense" | "engines"> {
  /** The conversation's graph, over the server's checkpoints. */
  graph: ReturnType<typeof brain.conversation>;
}

/** What LangGraph has to be told for a trace; nothing when tracing is off. */
export interface Trace {
  callbacks?: BaseCallbackHandler[];
  runName?: string;
  runId?: string;
  metadata?: JsonObject;
}

/** The state of a session's thread, as far as turns look at it. */
interface ThreadState {
  messages?: BaseMessage[];
  summary?: string;
  answer?: string;
  metadata?: JsonObject;
  route?: string;
}

/** A session's LangGraph thread (`thread_id = session_id`), written once a turn. */
export function thread({ graph, condense }: Pick<Brain, "graph" | "condense">, sessionId: string) {
  const config = { configurable: { thread_id: sessionId } };
  const lastNode = "remember";

  async function state(): Promise<ThreadState> {
    return (await graph.getState(config)).values;
  }

  /** The newest state that knows none of these turns and is older than all that do; undefined when it is not kept any more. */
  async function stateBefore(turnIds: ReadonlySet<string>): Promise<ThreadState | undefined> {
    let isKnown = false;
    for await (const { values } of graph.getStateHistory(config)) {
      const { messages = [] }: ThreadState = values;
      const knows = messages.some(({ id }) => id !== undefined && turnIds.has(id));
      if (isKnown && !knows) return values;
      isKnown ||= knows;
    }
    return undefined;
  }

  return {
    /** Runs the graph for one turn; the thread is written when it ends. Rejects with the signal's reason. */
    async run({ id, request }: Turn, context: TurnContext, signal: AbortSignal, trace: Trace): Promise<ThreadState> {
      const input = { messages: [asked(id, request.query)] };
      return await graph.invoke(input, { ...config, ...trace, context, signal, durability: "exit" });
    },

    /** The state after this turn, when the thread has its answer already: the process died before the turn was closed. */
    async answered(turnId: string): Promise<ThreadState | undefined> {
      const found = await state();
      return found.messages?.some(({ id }) => id === answerId(turnId)) ? found : undefined;
    },

    /**
     * Goes back to the state before these turns, from the checkpoint before the first of them. Where that is gone the memory is
     * made again from `earlier`, the turns before them.
     */
    async rewind(undone: Turn[], earlier: () => Promise<Turn[]>): Promise<void> {
      const ids = new Set(undone.flatMap(({ id, outcome }) => (outcome?.response.trim() ? [id] : [])));
      if (ids.size === 0) return;
      const before = (await stateBefore(ids)) ?? { messages: (await earlier()).flatMap(exchange), summary: "" };
      const messages = [new RemoveMessage({ id: REMOVE_ALL_MESSAGES }), ...(before.messages ?? [])];
      await graph.updateState(config, { messages, summary: before.summary ?? "" }, lastNode);
    },

    /** Ends a turn that broke off: the partial answer is remembered, or without one the question is forgotten. */
    async close({ id, request }: Turn, text: string): Promise<void> {
      const known = (await state()).messages?.some((message) => message.id === id) ?? false;
      const question = known ? [] : [asked(id, request.query)];
      const messages = text.trim()
        ? [...question, remembered(answerId(id), text, { stopped: true })]
        : known
          ? [new RemoveMessage({ id })]
          : [];
      if (messages.length > 0) await graph.updateState(config, { messages }, lastNode);
    },

    /** Condenses what no longer fits the memory; what it resolves to writes that down, and is to be called between two turns. */
    async condense(
      context: TurnContext,
      { messages = [], summary = "" }: ThreadState,
      signal: AbortSignal,
    ): Promise<(() => Promise<void>) | undefined> {
      const condensed = await condense(context, messages, summary, signal);
      if (!condensed) return undefined;
      return async () => {
        const left = (await state()).messages ?? [];
        const gone = left.flatMap(({ id }) => (id && condensed.ids.has(id) ? [new RemoveMessage({ id })] : []));
        await graph.updateState(config, { summary: condensed.summary, messages: gone }, lastNode);
      };
    },
  };
}

/** A turn as the model remembers it. */
function exchange({ id, request, outcome }: Turn): BaseMessage[] {
  if (!outcome?.response.trim()) return [];
  return [asked(id, request.query), remembered(answerId(id), outcome.response)];
}
