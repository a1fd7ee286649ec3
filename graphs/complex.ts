import { END, ReducedValue, Send, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { z } from "zod";

import { answer } from "./ask.ts";
import { bullets, textOrNone } from "./compose.ts";
import { hosted, type TurnRuntime } from "./host.ts";
import { prompt } from "./prompt.ts";
import { asEngine, engineFields } from "./state.ts";
import { find, reason } from "./step.ts";
import { shape } from "./structured.ts";
import { nonEmpty } from "./text.ts";

const outlining = prompt("complex.outline");
const reasoning = prompt("complex.reason", ["part"]);
const answering = prompt("complex.answer", ["thoughts"]);

/** Each question is one model call. */
const maxQuestions = 4;

const Outline = shape(
  "outline",
  z.object({ questions: z.array(z.string()).describe("The two to four questions to settle before answering.") }),
);

/** One question and its result. `number` is its position in the outline, from 1. */
interface Part {
  number: number;
  part: string;
  thought?: string;
}

const State = new StateSchema({
  ...engineFields,
  questions: z.array(z.string()).default(() => []),
  thoughts: new ReducedValue(
    z.custom<Part[]>().default(() => []),
    {
      inputSchema: z.custom<Part[]>(),
      reducer: (all, more) => [...all, ...more],
    },
  ),
});

async function outline({ question }: typeof State.State, runtime: TurnRuntime) {
  const found = await find(runtime, { step: "outline", prompt: outlining, question }, Outline);
  return { questions: nonEmpty(found?.questions ?? []).slice(0, maxQuestions) };
}

function eachQuestion({ question, questions }: typeof State.State) {
  if (questions.length === 0) return "respond";
  return questions.map((part, index) => new Send("think", { question, number: index + 1, part }));
}

async function think({ question, number, part }: Part & { question: string }, runtime: TurnRuntime) {
  const thought = await reason(runtime, {
    step: `reason ${number}`,
    prompt: reasoning,
    question,
    values: { part: textOrNone(part) },
  });
  return { thoughts: [{ number, part, thought }] };
}

async function respond({ question, thoughts }: typeof State.State, runtime: TurnRuntime) {
  const steps = thoughts
    .toSorted((one, other) => one.number - other.number)
    .flatMap(({ part, thought }) => (thought ? [`${part} ${thought}`] : []));
  return {
    answer: await answer(runtime, answering, question, { thoughts: bullets(steps) }),
    findings: steps.length > 0 ? { steps } : {},
  };
}

/** Splits the message into questions, reasons about them in parallel, then answers. */
export const complex = new StateGraph(State, hosted)
  .addNode("outline", outline)
  .addNode("think", think)
  .addNode("respond", respond)
  .addEdge(START, "outline")
  .addConditionalEdges("outline", eachQuestion, ["think", "respond"])
  .addEdge("think", "respond")
  .addEdge("respond", END)
  .compile(asEngine);
