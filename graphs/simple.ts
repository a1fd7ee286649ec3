import { END, START } from "@langchain/langgraph";

import { answer } from "./ask.ts";
import type { TurnRuntime } from "./host.ts";
import { prompt } from "./prompt.ts";
import { asEngine, type EngineStateValue, engine } from "./state.ts";

const instructions = prompt("simple");

async function respond({ question }: EngineStateValue, runtime: TurnRuntime) {
  return { answer: await answer(runtime, instructions, question) };
}

/** One streamed answer, without steps. */
export const simple = engine()
  .addNode("respond", respond)
  .addEdge(START, "respond")
  .addEdge("respond", END)
  .compile(asEngine);
