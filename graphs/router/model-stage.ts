import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { z } from "zod";

import { bullets } from "../compose.ts";
import { conversationTypes, engines } from "../engines.ts";
import { type TurnRuntime, turn } from "../host.ts";
import { prompt } from "../prompt.ts";
import { kept } from "../step.ts";
import { shape, structured } from "../structured.ts";
import { cut } from "../text.ts";

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

/** What the router is shown of the conversation: enough to tell a follow-up from a question of its own. */
const shownMessages = 4;
const longestShown = 1_500;

/** A router that is silent for longer is not waited for. */
const longestSilenceMs = 10_000;

const menu = bullets(conversationTypes.map((type) => `${type}: ${engines[type].when}`));

/** One structured call; `asked` runs when it really goes out, and not for an answer that was kept. Undefined when the model fails or names no engine. */
export async function askModel(
  runtime: TurnRuntime,
  question: string,
  asked: () => void,
): Promise<z.infer<typeof Choice.schema> | undefined> {
  const context = turn(runtime);
  const memory = { messages: context.memory.messages.slice(-shownMessages).map(beginning), summary: "" };
  const limits = { retries: 0, silenceMs: longestSilenceMs };
  const { finding: choice } = await kept(
    { ...runtime, context: { ...context, memory } },
    "router",
    { prompt: routing, question, values: { menu }, limits, sampling: "own" },
    (call) => {
      asked();
      return structured(call, Choice);
    },
  );
  return choice && { ...choice, confidence: Math.min(1, Math.max(0, choice.confidence)) };
}

function beginning(message: BaseMessage): BaseMessage {
  const content = cut(message.text, longestShown);
  return AIMessage.isInstance(message) ? new AIMessage(content) : new HumanMessage(content);
}
