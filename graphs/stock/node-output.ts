import { type BaseMessage, isBaseMessage } from "@langchain/core/messages";
import { isCommand } from "@langchain/langgraph";

/** The messages in what a node returns: a message, a list, an update of the state, a Command, or several of these. */
export function messagesIn(output: unknown): BaseMessage[] {
  if (isBaseMessage(output)) return [output];
  if (isCommand(output)) return messagesIn(output.update);
  if (Array.isArray(output)) return output.flatMap((part) => messagesIn(part));
  if (typeof output !== "object" || output === null) return [];
  return Object.values(output).flatMap((value) => {
    if (isBaseMessage(value)) return [value];
    return Array.isArray(value) ? value.filter((item) => isBaseMessage(item)) : [];
  });
}
