import { END, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { z } from "zod";

import { answer } from "./ask.ts";
import { bullets, textOrNone } from "./compose.ts";
import { hosted, type TurnRuntime } from "./host.ts";
import { prompt } from "./prompt.ts";
import { asEngine, engineFields } from "./state.ts";
import { find } from "./step.ts";
import { shape } from "./structured.ts";
import { nonEmpty } from "./text.ts";

const diagnosing = prompt("problem-solver.diagnose");
const answering = prompt("problem-solver.answer", ["hypotheses", "root_cause", "steps", "missing"]);

const Diagnosis = shape(
  "diagnosis",
  z.object({
    hypotheses: z.array(z.string()).describe("Possible causes, the likeliest first."),
    root_cause: z.string().describe("The likeliest cause, in one sentence."),
    solution_steps: z.array(z.string()).describe("What to do, in order, one action each."),
    missing: z.array(z.string()).describe("Information that is needed to be sure; empty if nothing is missing."),
  }),
);

const State = new StateSchema({ ...engineFields, diagnosis: Diagnosis.schema.nullable().default(null) });

async function diagnose({ question }: typeof State.State, runtime: TurnRuntime) {
  const diagnosis = await find(runtime, { step: "diagnose", prompt: diagnosing, question }, Diagnosis);
  if (!diagnosis) return {};
  const root_cause = diagnosis.root_cause.trim();
  const solution_steps = nonEmpty(diagnosis.solution_steps);
  return { diagnosis, findings: { ...(root_cause && { root_cause }), solution_steps } };
}

async function respond({ question, diagnosis }: typeof State.State, runtime: TurnRuntime) {
  const values = {
    hypotheses: bullets(nonEmpty(diagnosis?.hypotheses ?? [])),
    root_cause: textOrNone(diagnosis?.root_cause),
    steps: bullets(nonEmpty(diagnosis?.solution_steps ?? [])),
    missing: bullets(nonEmpty(diagnosis?.missing ?? [])),
  };
  return { answer: await answer(runtime, answering, question, values) };
}

/** Finds the root cause, then explains it with the steps to take. */
export const problemSolver = new StateGraph(State, hosted)
  .addNode("diagnose", diagnose)
  .addNode("respond", respond)
  .addEdge(START, "diagnose")
  .addEdge("diagnose", "respond")
  .addEdge("respond", END)
  .compile(asEngine);
