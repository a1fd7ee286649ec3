import { END, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { z } from "zod";

import { answer } from "./ask.ts";
import { bullets } from "./compose.ts";
import { hosted, type TurnRuntime } from "./host.ts";
import { prompt } from "./prompt.ts";
import { asEngine, engineFields } from "./state.ts";
import { find } from "./step.ts";
import { shape } from "./structured.ts";
import { nonEmpty } from "./text.ts";

const inspecting = prompt("analysis.inspect");
const answering = prompt("analysis.answer", ["points", "recommendations"]);

const Inspection = shape(
  "inspection",
  z.object({
    points: z.array(z.string()).describe("Findings about the material, the most important first."),
    recommendations: z.array(z.string()).describe("What to change, one action each."),
  }),
);

const State = new StateSchema({
  ...engineFields,
  inspection: Inspection.schema.default(() => ({ points: [], recommendations: [] })),
});

async function inspect({ question }: typeof State.State, runtime: TurnRuntime) {
  const inspection = await find(runtime, { step: "inspect", prompt: inspecting, question }, Inspection);
  if (!inspection) return {};
  const [points, recommendations] = [nonEmpty(inspection.points), nonEmpty(inspection.recommendations)];
  return { inspection: { points, recommendations }, findings: { analysis_points: points, recommendations } };
}

async function respond({ question, inspection }: typeof State.State, runtime: TurnRuntime) {
  const values = { points: bullets(inspection.points), recommendations: bullets(inspection.recommendations) };
  return { answer: await answer(runtime, answering, question, values) };
}

/** Inspects the given material, then answers from its findings. */
export const analysis = new StateGraph(State, hosted)
  .addNode("inspect", inspect)
  .addNode("respond", respond)
  .addEdge(START, "inspect")
  .addEdge("inspect", "respond")
  .addEdge("respond", END)
  .compile(asEngine);
