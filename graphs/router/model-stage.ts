import { z } from "zod";

import { bullets } from "../compose.ts";
import { conversationTypes, engines } from "../engines.ts";
import type { TurnRuntime } from "../host.ts";
import { prompt } from "../prompt.ts";
import { kept } from "../step.ts";
import { shape, structured } from "../structured.ts";

const routing = prompt("router", ["menu"]);

const Choice = shape(
  "route",
  z.object({
    type: z.enum(conversationTypes),
    confidence: z.number().describe("How sure you are, from 0 to 1."),
    reason: z.string().describe("Why, in one short sentence."),
    standalone_question: z
      .string()
      .describe(
        "For multi_step: the message as a question that can be understood without the conversation; else empty.",
      ),
  }),
);

/** A router that is silent for longer is not waited for. */
const longestSilenceMs = 10_000;

const menu = bullets(conversationTypes.map((type) => `${type}: ${engines[type].when}`));

/** One structured call. Undefined when the model fails or names no engine. */
export async function askModel(
  runtime: TurnRuntime,
  question: string,
): Promise<z.infer<typeof Choice.schema> | undefined> {
  const limits = { retries: 0, silenceMs: longestSilenceMs };
  const choice = await kept(
    runtime,
    "router",
    { prompt: routing, question, values: { menu }, limits, sampling: "own" },
    (call) => structured(call, Choice),
  );
  return choice && { ...choice, confidence: Math.min(1, Math.max(0, choice.confidence)) };
}
