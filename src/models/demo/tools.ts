import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";

import type { FunctionTool } from "../../../graphs/chat-model.ts";
import { oneLine } from "../../../graphs/text.ts";
import type { ToolPart } from "../reading/piece.ts";
import { paragraphs, quoted } from "./markdown.ts";
import { topicOf } from "./topic-of.ts";

/** In UTF-16 units. How much of a tool's result an answer quotes. */
const maxResult = 400;

/** The call with which the demo model shows a tool, if it has one that it knows and has called none yet. */
export function demoCall(messages: readonly BaseMessage[], tools: readonly FunctionTool[] = []): ToolPart | undefined {
  const asked = messages.at(-1);
  if (!asked || !HumanMessage.isInstance(asked)) return undefined;
  const has = (name: string) => tools.some((tool) => tool.function.name === name);
  const { subject } = topicOf(questionIn(asked.text));
  const hasFiles = /^\{"file":\d+,/m.test(asked.text);
  if (hasFiles && has("search_files")) return part("search_files", { query: subject });
  if (has("ask_user"))
    return part("ask_user", { question: "Demo: which kind of answer do you want?", choices: wishes });
  return undefined;
}

const wishes = ["A short answer", "An example", "A comparison"];

/** Files come before the question, the last of them in a fence. */
function questionIn(text: string): string {
  return text.split(/\n`{3,}\n/).at(-1) ?? text;
}

function part(name: string, args: object): ToolPart {
  const id = `demo-${crypto.randomUUID()}`;
  return { type: "tool_call_chunk", index: 0, id, name, args: JSON.stringify(args), isWhole: true };
}

/** What the demo model says of the results of its calls; undefined if there are none. */
export function demoOutcome(messages: readonly BaseMessage[]): string | undefined {
  const last = messages.at(-1);
  if (!last || !ToolMessage.isInstance(last)) return undefined;
  const call = messages
    .flatMap((message) => (AIMessage.isInstance(message) ? (message.tool_calls ?? []) : []))
    .findLast(({ id }) => id === last.tool_call_id);
  const result = quoted(oneLine(last.text, maxResult), maxResult);
  if (call?.name === "ask_user") {
    return paragraphs(`You answered ${result}.`, "A language model would now give its answer in this sense.");
  }
  if (call?.name === "search_files") {
    return paragraphs(`The search in your files found: ${result}`, "A language model would now answer from this.");
  }
  return `The tool ${call?.name ?? ""} said: ${result}`;
}
