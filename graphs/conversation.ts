import type { Runnable } from "@langchain/core/runnables";
import { type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";

import { conversationTypes, engines } from "./engines.ts";
import { hosted, type TurnRuntime, turn } from "./host.ts";
import { dropped, remembered } from "./memory.ts";
import { decide } from "./router/decide.ts";
import { ConversationState } from "./state.ts";

type State = typeof ConversationState.State;

/** Begins the turn: the last message is the question, those before it are the memory; the route is chosen. */
async function router({ messages, summary }: State, runtime: TurnRuntime) {
  const { host, memory } = turn(runtime);
  const question = messages.at(-1)?.text ?? "";
  memory.messages = messages.slice(0, -1);
  memory.summary = summary;
  const { type, routing, findings } = await decide(runtime, question);
  host.progress({ type: "routed", route: type, routed_to: engines[type].routedTo, routing });
  return { question, route: type, routing, answer: "", findings, metadata: {} };
}

/** Ends the turn: the answer joins what the model remembers; the thread knows what the response will say. */
async function remember({ answer, messages, findings, routing }: State, runtime: TurnRuntime) {
  return {
    messages: [remembered(answerId(messages.at(-1)?.id), answer), ...(await dropped(messages))],
    metadata: { ...turn(runtime).host.report(), routing, ...withoutEmpty(findings) },
  };
}

/** A key without a value is left out. */
function withoutEmpty(findings: State["findings"]) {
  return Object.fromEntries(
    Object.entries(findings).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  );
}

/** The id of the answer to the question of this id. */
export function answerId(questionId: string | undefined): string {
  return `${questionId}:answer`;
}

const graph = new StateGraph(ConversationState, { ...hosted, nodes: ["router", "remember", ...conversationTypes] })
  .addNode("router", router)
  .addNode("remember", remember)
  .addEdge(START, "router")
  .addConditionalEdges("router", ({ route }: State) => route as (typeof conversationTypes)[number], [
    ...conversationTypes,
  ])
  .addEdge("remember", END);

for (const type of conversationTypes) graph.addNode(type, nodeOf(engines[type].graph)).addEdge(type, "remember");

/** An engine of one node runs as that node: a loop of its own around it would cost the first word more than a millisecond. */
function nodeOf(engine: (typeof engines)[keyof typeof engines]["graph"]): Runnable {
  const nodes: { runnable: Runnable }[] = Object.values(engine.builder.nodes);
  const [only, ...others] = nodes;
  return only && others.length === 0 ? only.runnable : engine;
}

/** The whole state machine: router → one engine → remember. One thread is one session. */
export function conversation(checkpointer?: BaseCheckpointSaver) {
  return graph.compile({ checkpointer, name: "conversation" });
}
