import type { BaseMessage } from "@langchain/core/messages";

/** The text of a message or of a piece of one, and what the model tells about its thinking. */
export function contentOf({ content, additional_kwargs }: BaseMessage): { text: string; reasoning: string } {
  const told = additional_kwargs.reasoning_content;
  const reasoning = typeof told === "string" ? told : "";
  if (typeof content === "string") return { text: content, reasoning };
  let text = "";
  let thoughts = reasoning;
  for (const block of content) {
    if (block.type === "text" && typeof block.text === "string") text += block.text;
    if (block.type === "thinking" && typeof block.thinking === "string") thoughts += block.thinking;
    if (block.type === "reasoning" && typeof block.reasoning === "string") thoughts += block.reasoning;
  }
  return { text, reasoning: thoughts };
}
