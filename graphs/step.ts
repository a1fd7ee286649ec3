import type { z } from "zod";

import { think } from "./ask.ts";
import { type Call, prepare, type Question } from "./call.ts";
import { ModelFailure } from "./failure.ts";
import { type Spending, type TurnRuntime, turn } from "./host.ts";
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
  const finding = await kept(runtime, step, { ...question, sampling: "step" }, ask);
  host.progress({ type: "step_finished", step, detail: finding ?? null });
  return finding;
}

/** What is kept of a step. */
interface Kept<Finding> {
  finding: Finding | undefined;
  spending: Spending;
}

/** Asks once in a turn, crashes included; what the model could not give is undefined. */
export async function kept<Finding>(
  runtime: TurnRuntime,
  name: string,
  question: Question,
  ask: (call: Call) => Promise<Finding | undefined>,
): Promise<Finding | undefined> {
  const { host, begun } = turn(runtime);
  let isFresh = false;
  const { finding, spending } = await host.step(name, async () => {
    isFresh = true;
    const early = begun.get(name);
    if (early) return (await early) as Kept<Finding>; // begun as this very step, by this function
    const call = prepare(runtime, question);
    return { finding: await withoutFailure(call, ask(call)), spending: call.spending };
  });
  if (!isFresh) host.spent(spending);
  return finding;
}

async function withoutFailure<Finding>({ signal }: Call, asked: Promise<Finding>): Promise<Finding | undefined> {
  try {
    return await asked;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ModelFailure) return undefined;
    throw error;
  }
}
