import { type BaseMessage, HumanMessage } from "@langchain/core/messages";

/**
 * The messages with the texts of each user message joined, and those without anything else as a plain string: many servers take no lists of
 * texts, and some packages make a message of each.
 */
export function withJoinedTexts(messages: BaseMessage[]): BaseMessage[] {
  return messages.some(hasList) ? messages.map((message) => (hasList(message) ? joined(message) : message)) : messages;
}

function hasList(message: BaseMessage): message is HumanMessage {
  return Array.isArray(message.content) && HumanMessage.isInstance(message);
}

function joined(message: HumanMessage): HumanMessage {
  const { id, name, content } = message;
  if (typeof content === "string" || content.some(isSpecial)) return message;
  const text = content.flatMap((block) => (typeof block.text === "string" ? [block.text] : [])).join("\n\n");
  const others = content.filter(({ type }) => type !== "text");
  if (others.length === 0) return new HumanMessage({ id, name, content: text });
  return new HumanMessage({ id, name, content: [...others, ...(text === "" ? [] : [{ type: "text", text }])] });
}

/** A text with more to it, such as a mark for a provider's cache. */
function isSpecial(block: object): boolean {
  return "type" in block && block.type === "text" && Object.keys(block).some((key) => key !== "type" && key !== "text");
}
