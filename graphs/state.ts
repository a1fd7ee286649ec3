import { MessagesValue, StateGraph, StateSchema } from "@langchain/langgraph";
import { z } from "zod";

import { hosted } from "./host.ts";
import { Routing } from "./routing.ts";

/** An engine's findings; they become part of the response's metadata. */
const Findings = z.record(z.string(), z.unknown()).default(() => ({}));

/** One turn's question, route and answer. `messages`, `summary` and `metadata` are used only with threads (LangGraph Studio). */
export const ConversationState = new StateSchema({
  messages: MessagesValue,
  summary: z.string().default(""),
  question: z.string().default(""),
  route: z.string().default(""),
  routing: Routing.nullable().default(null),
  answer: z.string().default(""),
  findings: Findings,
  metadata: z.record(z.string(), z.unknown()).default(() => ({})),
});

/** The state keys that every engine has. */
export const engineFields = {
  question: z.string().default(""),
  answer: z.string().default(""),
  findings: Findings,
};

export const EngineState = new StateSchema(engineFields);

export type EngineStateValue = typeof EngineState.State;

/** Starts building an engine: `engine().addNode(…)…compile(asEngine)`. */
export function engine() {
  return new StateGraph(EngineState, hosted);
}

/** Options for `compile`. Engines have no checkpointer; `Host.step` stores finished steps instead. */
export const asEngine = { checkpointer: false } as const;
