import type { Runnable } from "@langchain/core/runnables";
import { Command, END, START, StateGraph } from "@langchain/langgraph";

import { conversationTypes, engines } from "./engines.ts";
import { hosted, type TurnRuntime, turn } from "./host.ts";
import { assistantMessage } from "./memory.ts";
import { decide } from "./router/decide.ts";
import { ConversationState } from "./state.ts";

type State = typeof ConversationState.State;

/**
 * Chooses the engine and goes there. It returns a Command because a conditional edge would run two more callables per turn. In a thread, the
 * last message is the question, and the earlier ones become the memory.
 */
async function router({ question: given, messages, summary }: State, runtime: TurnRuntime) {
  const context = turn(runtime);
  const inThread = messages.length > 0;
  const question = inThread ? (messages.at(-1)?.text ?? "") : given;
  if (inThread) context.memory = { messages: messages.slice(0, -1), summary };
  const { type, routing, findings } = await decide(runtime, question);
  context.host.progress({ type: "routed", route: type, routed_to: engines[type].routedTo, routing });
  const update = { question, route: type, routing, answer: "", findings };
  return new Command({ goto: type, update });
}

/** In a thread: appends the answer as a message, and sets the metadata. */
function remember({ messages, answer, findings, routing }: State, runtime: TurnRuntime) {
  const metadata = { ...turn(runtime).host.report(), routing, ...findings };
  // Without an id, LangGraph would stream it as another model message.
  const id = `${messages.at(-1)?.id}:answer`;
  return { messages: [assistantMessage(answer, id)], metadata };
}

/** An engine with a single node runs as that node. Running it as a subgraph would delay the first word by more than a millisecond. */
function nodeOf(type: keyof typeof engines): Runnable {
  const engine = engines[type].graph;
  if (!isEngine(engine)) {
    throw new Error(
      `graphs/engines.ts: the graph of "${type}" is not an engine. Wrap it: graph: stock(…), from graphs/stock.ts.`,
    );
  }
  const nodes: { runnable: Runnable }[] = Object.values(engine.builder.nodes);
  const [only, ...others] = nodes;
  return only && others.length === 0 ? only.runnable : engine;
}

/** A graph as `engine()` builds it. */
function isEngine(graph: object): boolean {
  const { builder, channels } = graph as { builder?: object; channels?: object };
  return builder !== undefined && channels !== undefined && "question" in channels;
}

function build(isThread: boolean) {
  const graph = new StateGraph(ConversationState, { ...hosted, nodes: ["router", "remember", ...conversationTypes] })
    .addNode("router", router, { ends: [...conversationTypes] })
    .addEdge(START, "router");
  if (isThread) graph.addNode("remember", remember).addEdge("remember", END);
  const next = isThread ? "remember" : END;
  for (const type of conversationTypes) graph.addNode(type, nodeOf(type)).addEdge(type, next);
  return graph;
}

/** The whole graph: router → one engine. It keeps no state between turns; the memory comes with the `TurnContext`. */
export const conversation = build(false).compile({ name: "conversation" });

/** The same graph over a thread of messages, as LangGraph Studio needs it. */
export function conversationThread() {
  return build(true).compile({ name: "conversation" });
}
