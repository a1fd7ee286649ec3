import type { BaseMessage } from "@langchain/core/messages";

/** The question of a message: where there are files, its last text. */
export function questionIn(message: BaseMessage | undefined): string {
  if (!message || typeof message.content === "string") return message?.text ?? "";
  const last = message.content.findLast(({ type }) => type === "text");
  return typeof last?.text === "string" ? last.text : "";
}
