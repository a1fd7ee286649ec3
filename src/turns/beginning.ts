import { HumanMessage } from "@langchain/core/messages";

import { answerId } from "../../graphs/conversation.ts";
import type { Memory } from "../../graphs/host.ts";
import type { Beginning, Remembered } from "../store/store.ts";
import type { TurnHost } from "./host.ts";

/** What the turn was asked with beside its request; undefined for one that was not routed, for it was asked nothing. */
export function beginningOf(host: TurnHost, { messages, summary }: Memory): Beginning | undefined {
  if (!host.route) return undefined;
  const used = Object.keys(host.report().prompts as Record<string, string>); // as the ledger makes it
  const prompts = used.flatMap((name) => host.prompts.get(name) ?? []);
  return {
    memory: messages.map(remembered),
    summary,
    prompts: prompts.map(({ hash, source }) => ({ hash, source })),
  };
}

function remembered(message: Memory["messages"][number]): Remembered {
  const isQuestion = HumanMessage.isInstance(message);
  const end = answerId("").length;
  const turnId = isQuestion ? message.id : message.id?.slice(0, -end);
  if (turnId && (isQuestion || message.id === answerId(turnId)))
    return { turnId, part: isQuestion ? "question" : "answer" };
  return { role: isQuestion ? "user" : "assistant", content: message.text };
}
