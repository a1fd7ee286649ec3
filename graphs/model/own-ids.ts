import { createHash } from "node:crypto";
import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";

/** All providers take ids of this length and alphabet. */
const idLength = 9;

/**
 * Gives each tool call of a reply an id that no earlier call has. Small servers count anew in each reply, and LangGraph takes a call for done
 * if there is a result with its id.
 */
export function withOwnIds(reply: AIMessage, messages: readonly BaseMessage[]): AIMessage {
  const { tool_calls = [] } = reply;
  if (tool_calls.length === 0) return reply;
  const used = new Set(messages.flatMap(idsOf));
  const calls = tool_calls.map((call) => {
    const id = unused(call.id ?? call.name, used);
    used.add(id);
    return { ...call, id };
  });
  if (calls.every(({ id }, index) => id === tool_calls[index]?.id)) return reply;
  const { id, content, name, additional_kwargs, response_metadata, usage_metadata, invalid_tool_calls } = reply;
  const rest = { id, content, name, additional_kwargs, response_metadata, usage_metadata, invalid_tool_calls };
  return new AIMessage({ ...rest, tool_calls: calls });
}

function idsOf(message: BaseMessage): string[] {
  if (ToolMessage.isInstance(message)) return [message.tool_call_id];
  if (!AIMessage.isInstance(message)) return [];
  return (message.tool_calls ?? []).flatMap(({ id }) => id ?? []);
}

/** The same for the same calls, so that a call is known again after a crash. */
function unused(id: string, used: ReadonlySet<string>): string {
  let own = id;
  for (let count = 1; used.has(own); count += 1) {
    own = createHash("sha256").update(`${id} ${count}`).digest("hex").slice(0, idLength);
  }
  return own;
}
