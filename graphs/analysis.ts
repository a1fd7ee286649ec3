import { END, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { z } from "zod";

import { answer } from "./ask.ts";
import { bullets } from "./compose.ts";
import { hosted, type TurnRuntime } from "./host.ts";
import { prompt } from "./prompt.ts";
import { asEngine, engineFields } from "./state.ts";
import { find } from "./step.ts";
import { shape } from "./structured.ts";
import { filled } from "./text.ts";

const inspecting = prompt("analysis.inspect");
const answering = prompt("analysis.answer", ["points", "recommendations"]);

const Inspection = shape(
  "inspection",
  z.object({
    points: z.array(z.string()).describe("What there is to know about the material, the most important first."),
    recommendations: z.array(z.string()).describe("What to change, each as one thing to do."),
  }),
);

const State = new StateSchema({
  ...engineFields,
  inspection: Inspection.schema.default(() => ({ points: [], recommendations: [] })),
});

async function inspect({ question }: typeof State.State, runtime: TurnRuntime) {
  const inspection = await find(runtime, { step: "inspect", prompt: inspecting, question }, Inspection);
  if (!inspection) return {};
  const [points, recommendations] = [filled(inspection.points), filled(inspection.recommendations)];
  return { inspection: { points, recommendations }, findings: { analysis_points: points, recommendations } };
}

async function respond({ question, inspection }: typeof State.State, runtime: TurnRuntime) {
  const values = { points: bullets(inspection.points), recommendations: bullets(inspection.recommendations) };
  return { answer: await answer(runtime, answering, question, values) };
}

/** Looks at what was given, then answers from what it saw. */
export const analysis = new StateGraph(State, hosted)
  .addNode("inspect", inspect)
  .addNode("respond", respond)
  .addEdge(START, "inspect")
  .addEdge("inspect", "respond")
  .addEdge("respond", END)
  .compile(asEngine);
