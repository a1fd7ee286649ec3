import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { z } from "zod";

import { nothingAttached } from "../attached/attached.ts";
import { beginnings } from "../attached/note.ts";
import type { Engines } from "../chosen-engines.ts";
import { bullets } from "../compose.ts";
import { type TurnContext, type TurnRuntime, turn } from "../host.ts";
import { prompt, promptFile, renderPrompt } from "../prompt.ts";
import { askOnce } from "../step.ts";
import { shape, structured } from "../structured.ts";
import { cut } from "../text.ts";

const routing = prompt("router", ["menu"]);
const withFiles = prompt("files.routed", ["files"]);

/** In UTF-16 units. How much of the files' texts the router's model reads. */
const maxFileUnits = 2_000;

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
    const asked = await askedWithFiles(context, question);
    const { finding: choice } = await askOnce(
      { ...runtime, context: { ...context, memory, attached: async () => nothingAttached } },
      "router",
      { prompt: routing, question: asked, values: { menu }, limits, sampling: "own" },
      (call) => {
        onCall();
        return structured(call, Choice);
      },
    );
    return choice && { ...choice, confidence: Math.min(1, Math.max(0, choice.confidence)) };
  };
}

/** The question, with the beginnings of its files. */
async function askedWithFiles({ host, attached }: TurnContext, question: string): Promise<string> {
  const own = (await attached()).files.filter(({ isEarlier }) => !isEarlier);
  if (own.length === 0) return question;
  const file = promptFile(host.prompts, withFiles);
  host.spent({ llm_calls: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0, prompts: { [file.name]: file.hash } });
  return [question, renderPrompt(file, { files: beginnings(own, maxFileUnits) })].filter(Boolean).join("\n\n");
}

/** The part of the conversation that the router's model reads. */
export function seenByModel(messages: readonly BaseMessage[]): BaseMessage[] {
  return messages.slice(-maxMessages).map(shortened);
}

function shortened(message: BaseMessage): BaseMessage {
  const content = cut(message.text, maxMessageUnits);
  return AIMessage.isInstance(message) ? new AIMessage(content) : new HumanMessage(content);
}
