import { HumanMessage } from "@langchain/core/messages";

import { answerId } from "../../graphs/conversation.ts";
import type { Memory } from "../../graphs/host.ts";
import type { Beginning, Remembered } from "../store/store.ts";
import type { TurnHost } from "./host.ts";

/** What was remembered when the turn was asked; undefined for one that did not get so far. */
export function beginningOf(host: TurnHost, { messages, summary }: Memory): Beginning | undefined {
  const isAsked = host.route !== undefined || Object.keys(host.report().prompts ?? {}).length > 0;
  return isAsked ? { memory: messages.map(remembered), summary } : undefined;
}

function remembered(message: Memory["messages"][number]): Remembered {
  const isQuestion = HumanMessage.isInstance(message);
  const end = answerId("").length;
  const turnId = isQuestion ? message.id : message.id?.slice(0, -end);
  if (turnId && (isQuestion || message.id === answerId(turnId)))
    return { turnId, part: isQuestion ? "question" : "answer", content: message.text };
  return { role: isQuestion ? "user" : "assistant", content: message.text };
}
