import type { Runnable } from "@langchain/core/runnables";
import { Command, END, START, StateGraph } from "@langchain/langgraph";

import { chosenEngines, type Engine, type Engines } from "./chosen-engines.ts";
import { hosted, type TurnRuntime, turn } from "./host.ts";
import { assistantMessage } from "./memory.ts";
import { type Router, routerOf } from "./router/decide.ts";
import { ConversationState } from "./state.ts";

type State = typeof ConversationState.State;

/**
 * Chooses the engine and goes there. It returns a Command because a conditional edge would run two more callables per turn. In a thread, the
 * last message is the question, and the earlier ones become the memory.
 */
function routerNode(engines: Engines, { decide }: Router) {
  return async function router({ question: given, messages, summary }: State, runtime: TurnRuntime) {
    const context = turn(runtime);
    const inThread = messages.length > 0;
    const question = inThread ? (messages.at(-1)?.text ?? "") : given;
    if (inThread) context.memory = { messages: messages.slice(0, -1), summary };
    const { type, routing, findings } = await decide(runtime, question);
    const routed_to = engines[type]?.routedTo ?? type;
    context.host.progress({ type: "routed", route: type, routed_to, routing });
    const update = { question, route: type, routing, answer: "", findings };
    return new Command({ goto: type, update });
  };
}

/** In a thread: appends the answer as a message, and sets the metadata. */
function remember({ messages, answer, findings, routing }: State, runtime: TurnRuntime) {
  const metadata = { ...turn(runtime).host.report(), routing, ...findings };
  // Without an id, LangGraph would stream it as another model message.
  const id = `${messages.at(-1)?.id}:answer`;
  return { messages: [assistantMessage(answer, id)], metadata };
}

/** An engine with a single node runs as that node. Running it as a subgraph would delay the first word by more than a millisecond. */
function nodeOf(type: string, { graph }: Engine): Runnable {
  if (!isEngine(graph)) {
    throw new Error(
      `graphs/engines.ts: the graph of "${type}" is not an engine. Wrap it: graph: stock(…), from graphs/stock.ts.`,
    );
  }
  const nodes: { runnable: Runnable }[] = Object.values(graph.builder.nodes);
  const [only, ...others] = nodes;
  return only && others.length === 0 ? only.runnable : graph;
}

/** A graph as `engine()` builds it. */
function isEngine(graph: object): boolean {
  const { builder, channels } = graph as { builder?: object; channels?: object };
  return builder !== undefined && channels !== undefined && "question" in channels;
}

function build(engines: Engines, router: Router, isThread: boolean) {
  const types = Object.keys(engines);
  const graph = new StateGraph(ConversationState, { ...hosted, nodes: ["router", "remember", ...types] })
    .addNode("router", routerNode(engines, router), { ends: types })
    .addEdge(START, "router");
  if (isThread) graph.addNode("remember", remember).addEdge("remember", END);
  const next = isThread ? "remember" : END;
  for (const [type, engine] of Object.entries(engines)) graph.addNode(type, nodeOf(type, engine)).addEdge(type, next);
  return graph;
}

/** The whole graph: router → one engine. It keeps no state between turns; the memory comes with the `TurnContext`. */
export function conversationOf(engines: Engines, router: Router) {
  return build(engines, router, false).compile({ name: "conversation" });
}

/** The same graph over a thread of messages, as LangGraph Studio needs it. */
export function conversationThread() {
  const engines = chosenEngines();
  return build(engines, routerOf(engines), true).compile({ name: "conversation" });
}
