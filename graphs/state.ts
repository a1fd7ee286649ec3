import { MessagesValue, StateGraph, StateSchema } from "@langchain/langgraph";
import { z } from "zod";

import { hosted } from "./host.ts";
import { Routing } from "./routing.ts";

/** What an engine found out beside the answer; becomes part of the response's metadata. */
const Findings = z.record(z.string(), z.unknown()).default(() => ({}));

/** One turn's question, route and answer. `messages`, `summary` and `metadata` are used only where somebody keeps a thread (Studio). */
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

/** What every engine has in common; an engine adds what its own steps hand on. */
export const engineFields = {
  question: z.string().default(""),
  answer: z.string().default(""),
  findings: Findings,
};

export const EngineState = new StateSchema(engineFields);

export type EngineStateValue = typeof EngineState.State;

/** Begins an engine: `engine().addNode(…)…compile(asEngine)`. */
export function engine() {
  return new StateGraph(EngineState, hosted);
}

/** Engines keep no checkpoints: finished steps are kept by `Host.step`. */
export const asEngine = { checkpointer: false } as const;
