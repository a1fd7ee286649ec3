import { END, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { z } from "zod";

import { answer } from "./ask.ts";
import { codeBlocks } from "./code-blocks.ts";
import { bullets } from "./compose.ts";
import { hosted, type TurnRuntime, turn } from "./host.ts";
import { prompt } from "./prompt.ts";
import { asEngine, engineFields } from "./state.ts";
import { find, reason } from "./step.ts";
import { shape } from "./structured.ts";
import { cut, nonEmpty } from "./text.ts";

const planning = prompt("generation.plan");
const answering = prompt("generation.answer", ["plan"]);
const repairing = prompt("generation.repair", ["answer"]);

/** In UTF-16 units. How much of an answer without code is quoted to the `repair` prompt. */
const maxQuoteUnits = 8_000;

const Plan = shape(
  "plan",
  z.object({ steps: z.array(z.string()).describe("What to write, in order, one action each.") }),
);

const State = new StateSchema({ ...engineFields, steps: z.array(z.string()).default(() => []) });

async function plan({ question }: typeof State.State, runtime: TurnRuntime) {
  const found = await find(runtime, { step: "plan", prompt: planning, question }, Plan);
  const steps = nonEmpty(found?.steps ?? []);
  return steps.length > 0 ? { steps, findings: { implementation_plan: steps } } : {};
}

async function write({ question, steps, findings }: typeof State.State, runtime: TurnRuntime) {
  const text = await answer(runtime, answering, question, { plan: bullets(steps) });
  return { answer: text, findings: { ...findings, ...(await codeIn(text)) } };
}

/** The answer has no code: asks once for the code alone, and appends it. */
async function repair({ question, answer: text, findings }: typeof State.State, runtime: TurnRuntime) {
  const values = { answer: cut(text, maxQuoteUnits) };
  const code = (await reason(runtime, { step: "repair", prompt: repairing, question, values })) ?? "";
  const found = await codeIn(code);
  if (!found.generated_code) return {};
  const more = `\n\n${code}`;
  turn(runtime).host.delta(more);
  return { answer: text + more, findings: { ...findings, ...found } };
}

function hasCode({ findings }: typeof State.State) {
  return "generated_code" in findings ? END : "repair";
}

/** The code blocks of a Markdown text, joined by an empty line. */
async function codeIn(text: string): Promise<{ generated_code?: string }> {
  const blocks = (await codeBlocks(text)).map((block) => block.text).filter((code) => code.trim() !== "");
  return blocks.length > 0 ? { generated_code: blocks.join("\n\n") } : {};
}

/** Plans, then writes code with an explanation. */
export const generation = new StateGraph(State, hosted)
  .addNode("plan", plan)
  .addNode("write", write)
  .addNode("repair", repair)
  .addEdge(START, "plan")
  .addEdge("plan", "write")
  .addConditionalEdges("write", hasCode, ["repair", END])
  .addEdge("repair", END)
  .compile(asEngine);
