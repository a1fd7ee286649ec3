import type { z } from "zod";

import { think } from "./ask.ts";
import { type Call, prepare, type Question } from "./call.ts";
import { ModelFailure } from "./failure.ts";
import { type Spending, type TurnRuntime, turn } from "./host.ts";
import type { StepFailure } from "./progress.ts";
import { type Shape, structured } from "./structured.ts";

/** `step` is the name that clients see, and the key of the stored result. It has to be unique within a turn. */
type Step = Question & { step: string };

/** A step that returns a text. Undefined if the model failed. */
export function reason(runtime: TurnRuntime, step: Step): Promise<string | undefined> {
  return run(runtime, step, async (call) => (await think(call)) || undefined);
}

/** A step that returns an object of the expected shape. Undefined if the model failed or its reply did not match. */
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
  const { finding, failed } = await askOnce(runtime, step, { ...question, sampling: "step" }, ask);
  host.progress({ type: "step_finished", step, detail: finding ?? null, failed });
  return finding;
}

/** A step's finding, or why there is none. */
interface Result<Finding> {
  finding?: Finding;
  failed?: StepFailure;
  /** Never stored. */
  cause?: ModelFailure;
}

interface StoredResult<Finding> extends Result<Finding> {
  spending: Spending;
}

/** Asks at most once per turn: after a crash, the stored result is used. */
export async function askOnce<Finding>(
  runtime: TurnRuntime,
  name: string,
  question: Question,
  ask: (call: Call) => Promise<Finding | undefined>,
): Promise<Result<Finding>> {
  const { host, started } = turn(runtime);
  let isFresh = false;
  const { spending, cause, ...result } = await host.step(name, async () => {
    isFresh = true;
    const early = started.get(name);
    if (early) return (await early) as StoredResult<Finding>; // started by this function, for the same step
    const call = await prepare(runtime, question);
    return { ...(await attempt(call, ask)), spending: call.spending };
  });
  if (!isFresh) host.spent(spending);
  if (result.failed) host.stepFailed(name, result.failed, cause);
  return result;
}

/** Returns a ModelFailure as a result and throws all other errors. */
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
    if (error instanceof ModelFailure) return { failed: { code: error.code, model }, cause: error };
    throw error;
  }
}
