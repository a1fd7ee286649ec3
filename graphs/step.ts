import type { z } from "zod";

import { think } from "./ask.ts";
import { type Call, prepare, type Question } from "./call.ts";
import { ModelFailure } from "./failure.ts";
import { type Spending, type StepFailure, type TurnRuntime, turn } from "./host.ts";
import { type Shape, structured } from "./structured.ts";

/** A step's name is unique within a turn: it is what clients see, and the key by which a finished step is kept. */
type Step = Question & { step: string };

/** A step whose finding is a text. Undefined when the model failed: the engine goes on without. */
export function reason(runtime: TurnRuntime, step: Step): Promise<string | undefined> {
  return run(runtime, step, async (call) => (await think(call)) || undefined);
}

/** A step whose finding has a shape. Undefined when the model failed or gave nothing of that shape. */
export function find<Schema extends z.ZodObject>(
  runtime: TurnRuntime,
  step: Step,
  expected: Shape<Schema>,
): Promise<z.infer<Schema> | undefined> {
  return run(runtime, step, (call) => structured(call, expected));
}

async function run<Finding>(
  runtime: TurnRuntime,
  { step, ...question }: Step,
  ask: (call: Call) => Promise<Finding | undefined>,
): Promise<Finding | undefined> {
  const { host } = turn(runtime);
  host.progress({ type: "step_started", step });
  const { finding, failed } = await kept(runtime, step, { ...question, sampling: "step" }, ask);
  host.progress({ type: "step_finished", step, detail: finding ?? null, failed });
  return finding;
}

/** What came of a step: its finding, or why there is none. */
interface Result<Finding> {
  finding?: Finding;
  failed?: StepFailure;
}

interface Kept<Finding> extends Result<Finding> {
  spending: Spending;
}

/** Asks once in a turn, crashes included. */
export async function kept<Finding>(
  runtime: TurnRuntime,
  name: string,
  question: Question,
  ask: (call: Call) => Promise<Finding | undefined>,
): Promise<Result<Finding>> {
  const { host, begun } = turn(runtime);
  let isFresh = false;
  const { spending, ...result } = await host.step(name, async () => {
    isFresh = true;
    const early = begun.get(name);
    if (early) return (await early) as Kept<Finding>; // begun as this very step, by this function
    const call = prepare(runtime, question);
    return { ...(await attempt(call, ask)), spending: call.spending };
  });
  if (!isFresh) host.spent(spending);
  if (result.failed) host.stepFailed(name, result.failed);
  return result;
}

/** A failure of the model is a result; everything else is thrown. */
async function attempt<Finding>(
  call: Call,
  ask: (call: Call) => Promise<Finding | undefined>,
): Promise<Result<Finding>> {
  const model = call.models[0]?.name ?? "";
  try {
    const finding = await ask(call);
    return finding === undefined ? { failed: { code: "unusable_reply", model } } : { finding };
  } catch (error) {
    call.signal?.throwIfAborted();
    if (error instanceof ModelFailure) return { failed: { code: error.code, model } };
    throw error;
  }
}
