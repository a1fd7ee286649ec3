import type { CallbackManager } from "@langchain/core/callbacks/manager";
import { type BaseCheckpointSaver, Command } from "@langchain/langgraph";

import { GraphChanged } from "../failure.ts";
import { type TurnContext, type TurnRuntime, turn } from "../host.ts";
import { runInTurn } from "./current.ts";
import { toFailure } from "./failures.ts";
import { HeldSaver } from "./held-saver.ts";
import { keptFromJson, mayKeepState, reached, seed } from "./kept.ts";
import { Listener } from "./listener.ts";
import { given, givenEarlier } from "./remembered.ts";
import { Results } from "./results.ts";

/** What LangGraph passes to whatever runs inside a graph. */
interface StreamingGraph {
  stream(input: unknown, options: object): Promise<AsyncIterable<unknown>>;
  channels: Record<string, unknown>;
}

/** Runs a stock graph as the turn's engine, from where the turn is. */
export async function runStock(
  graph: StreamingGraph,
  { answer }: { answer?: readonly string[] },
  question: string,
  runtime: TurnRuntime,
): Promise<{ answer: string }> {
  const context = turn(runtime);
  const { host } = context;
  const signal = runtime.signal ?? new AbortController().signal;
  const saver = new HeldSaver(host.saver());
  const ids = idsOf(runtime);
  const turnId = ids.turn_id ?? crypto.randomUUID();
  const type = String(runtime.metadata?.langgraph_node ?? "");
  const said = host.said;
  const kept = keptFromJson(await host.lastKept(type));
  const earlier = await reached(saver, turnId);
  const remembered = await given(context, turnId, question, kept?.messages, kept?.turnId);
  const before = earlier ? givenEarlier(earlier.messages, remembered) : remembered;
  const listener = new Listener({ host, saver, signal, answer, said });
  const results = new Results({
    host,
    saver,
    turnId,
    given: before,
    keepsList: kept?.messages !== undefined,
    keepsState: mayKeepState(graph),
  });
  listener.knows(before);
  if (earlier) {
    listener.show(earlier.messages.filter(({ text }) => text.trim() === "" || !said.includes(text)));
    listener.knows(earlier.messages);
  } else if (kept) await seed(saver, turnId, kept.state);

  const input = host.resume ? new Command({ resume: host.resume }) : earlier ? null : { messages: before };
  const options = {
    ...configOf(context, { ...ids, thread_id: turnId }, saver),
    callbacks: withListener(runtime.callbacks, listener),
    signal,
  };
  try {
    const run = runInTurn({ context, listener }, () => follow(graph, input, options, results));
    await Promise.race([run, saver.failed]);
  } catch (error) {
    signal.throwIfAborted();
    throw toFailure(error, listener.models);
  }
  if (earlier?.hasAsked && !listener.hasBegun) throw new GraphChanged();
  if (results.interrupts.size > 0) {
    await saver.flush();
    host.wait([...results.interrupts.values()]);
  }
  results.complete(listener);
  const { model_used = "", truncated } = host.report();
  if (listener.texts.isCut && !truncated) host.answered({ model_used: String(model_used), truncated: true });
  await results.leave(listener.namespaces);
  return { answer: listener.texts.joined() };
}

/** What the graph's nodes and tools find in `configurable`. */
interface Ids {
  turn_id?: string;
  conversation_id?: string;
  session_id?: string;
  user_id?: string;
}

function idsOf({ configurable }: TurnRuntime): Ids {
  const { turn_id, conversation_id, session_id, user_id } = (configurable ?? {}) as Ids; // LangGraph types it as the context
  return { turn_id, conversation_id, session_id, user_id };
}

function configOf(
  { context, preferences, options }: TurnContext,
  ids: Ids & { thread_id: string },
  saver: BaseCheckpointSaver,
): object {
  return {
    streamMode: ["values", "custom"],
    subgraphs: true,
    durability: "sync",
    context,
    // The saver takes the place of one that the graph was compiled with.
    configurable: { ...ids, preferences, options, __pregel_checkpointer: saver },
    ...(ids.session_id !== undefined && { metadata: { thread_id: ids.session_id } }),
  };
}

/** The listener beside whatever traces the turn. */
function withListener(callbacks: TurnRuntime["callbacks"], listener: Listener): TurnRuntime["callbacks"] {
  if (callbacks === undefined || Array.isArray(callbacks)) return [...(callbacks ?? []), listener];
  return (callbacks as CallbackManager).copy([listener]);
}

async function follow(graph: StreamingGraph, input: unknown, options: object, results: Results): Promise<void> {
  for await (const chunk of await graph.stream(input, options)) {
    const [namespace, mode, data] = chunk as [string[], string, unknown]; // as `subgraphs` and several modes make it
    if (mode === "custom") results.custom(data);
    else if (!results.questions(data) && namespace.length === 0) results.values(data);
  }
}
