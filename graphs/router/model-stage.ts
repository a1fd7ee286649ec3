import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { z } from "zod";

import type { Engines } from "../chosen-engines.ts";
import { bullets } from "../compose.ts";
import { type TurnRuntime, turn } from "../host.ts";
import { prompt } from "../prompt.ts";
import { askOnce } from "../step.ts";
import { shape, structured } from "../structured.ts";
import { cut } from "../text.ts";

const routing = prompt("router", ["menu"]);

function choiceOf(types: string[]) {
  return shape(
    "route",
    z.object({
      type: z.enum(types),
      confidence: z.number().describe("How sure you are, from 0 to 1."),
      reason: z.string().describe("Why, in one short sentence."),
      standalone_question: z
        .string()
        .describe(
          "For multi_step: the message as a question that can be understood without the conversation; else empty.",
        ),
    }),
  );
}

type Choice = z.infer<ReturnType<typeof choiceOf>["schema"]>;

/** How much of the conversation the router sees: enough to tell a follow-up from a standalone question. */
const maxMessages = 4;

/** In UTF-16 units; longer messages are cut. */
const maxMessageUnits = 1_500;

const silenceMs = 10_000;

/** Asks the model for the engine. `onCall` runs before the call, unless the result is stored already. Undefined if the model fails or names no engine. */
type AskModel = (runtime: TurnRuntime, question: string, onCall: () => void) => Promise<Choice | undefined>;

/** The stage of the router that asks the model. */
export function modelStage(engines: Engines): AskModel {
  const Choice = choiceOf(Object.keys(engines));
  const menu = bullets(Object.entries(engines).map(([type, { when }]) => `${type}: ${when}`));

  return async (runtime, question, onCall) => {
    const context = turn(runtime);
    const memory = { messages: seenByModel(context.memory.messages), summary: "" };
    const limits = { retries: 0, silenceMs };
    const { finding: choice } = await askOnce(
      { ...runtime, context: { ...context, memory } },
      "router",
      { prompt: routing, question, values: { menu }, limits, sampling: "own" },
      (call) => {
        onCall();
        return structured(call, Choice);
      },
    );
    return choice && { ...choice, confidence: Math.min(1, Math.max(0, choice.confidence)) };
  };
}

/** The part of the conversation that the router's model reads. */
export function seenByModel(messages: readonly BaseMessage[]): BaseMessage[] {
  return messages.slice(-maxMessages).map(shortened);
}

function shortened(message: BaseMessage): BaseMessage {
  const content = cut(message.text, maxMessageUnits);
  return AIMessage.isInstance(message) ? new AIMessage(content) : new HumanMessage(content);
}
