import type { Runnable } from "@langchain/core/runnables";
import { Command, END, START, StateGraph } from "@langchain/langgraph";

import { conversationTypes, engines } from "./engines.ts";
import { hosted, type TurnRuntime, turn } from "./host.ts";
import { answer as answerMessage } from "./memory.ts";
import { decide } from "./router/decide.ts";
import { ConversationState } from "./state.ts";

type State = typeof ConversationState.State;

/** Chooses the engine and goes there: by a command, for an edge with a condition runs two more callables a turn. In a thread the last message is the question; those before it reach the engines, which see no thread, through the context. */
async function router({ question, messages, summary }: State, runtime: TurnRuntime) {
  const context = turn(runtime);
  const inThread = messages.length > 0;
  const asked = inThread ? (messages.at(-1)?.text ?? "") : question;
  if (inThread) context.memory = { messages: messages.slice(0, -1), summary };
  const { type, routing, findings } = await decide(runtime, asked);
  context.host.progress({ type: "routed", route: type, routed_to: engines[type].routedTo, routing });
  const update = { question: asked, route: type, routing, answer: "", findings };
  return new Command({ goto: type, update });
}

/** In a thread: the answer becomes its last message, and the state says what the turn took. */
function remember({ messages, answer, findings, routing }: State, runtime: TurnRuntime) {
  const metadata = { ...turn(runtime).host.report(), routing, ...findings };
  // Without an ID of its own LangGraph would stream it as one more message of a model.
  const id = `${messages.at(-1)?.id}:answer`;
  return { messages: [answerMessage(answer, id)], metadata };
}

/** An engine of one node runs as that node: a loop of its own around it would cost the first word more than a millisecond. */
function nodeOf(engine: (typeof engines)[keyof typeof engines]["graph"]): Runnable {
  const nodes: { runnable: Runnable }[] = Object.values(engine.builder.nodes);
  const [only, ...others] = nodes;
  return only && others.length === 0 ? only.runnable : engine;
}

function machine(isThread: boolean) {
  const graph = new StateGraph(ConversationState, { ...hosted, nodes: ["router", "remember", ...conversationTypes] })
    .addNode("router", router, { ends: [...conversationTypes] })
    .addEdge(START, "router");
  if (isThread) graph.addNode("remember", remember).addEdge("remember", END);
  const next = isThread ? "remember" : END;
  for (const type of conversationTypes) graph.addNode(type, nodeOf(engines[type].graph)).addEdge(type, next);
  return graph;
}

/** The whole state machine: router → one engine. It keeps nothing between turns: `TurnContext` says what is remembered. */
export const conversation = machine(false).compile({ name: "conversation" });

/** The same over a thread of messages that somebody else keeps, as LangGraph Studio does. */
export function conversationThread() {
  return machine(true).compile({ name: "conversation" });
}
