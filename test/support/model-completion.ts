import type { Reply } from "./model-replies.ts";
import type { ModelRequest } from "./model-request.ts";

/** The field for the characters of an answer: its text, the thoughts before it, the arguments of a tool call, or a refusal. */
export type Channel = "content" | "reasoning_content" | "arguments" | "refusal";

export function content(request: ModelRequest, reply: Reply): { channel: Channel; chunks: string[] } {
  if (reply.refusal !== undefined) return { channel: "refusal", chunks: words(reply.refusal) };
  const json = reply.jsonText ?? (reply.json === undefined ? undefined : JSON.stringify(reply.json));
  if (json === undefined) return { channel: "content", chunks: reply.chunks ?? words(reply.text ?? "") };
  return { channel: request.tool ? "arguments" : "content", chunks: words(json) };
}

function words(text: string): string[] {
  return text.match(/\s*\S+\s*?|\s+$/g) ?? [];
}

export function completion(request: ModelRequest, reply: Reply) {
  const { channel, chunks } = content(request, reply);
  const text = chunks.join("");
  const message = {
    role: "assistant",
    content: channel === "content" ? text : null,
    ...(reply.reasoning && { reasoning_content: reply.reasoning.join("") }),
    refusal: channel === "refusal" ? text : null,
    ...(channel === "arguments" ? { tool_calls: [toolCall(request, text)] } : {}),
    ...(reply.toolCalls && { tool_calls: toolCalls(request, reply) }),
    annotations: [],
  };
  const finish_reason = reply.finishReason ?? usualReason(request, channel, reply);
  return {
    id: `chatcmpl-${request.index}`,
    object: "chat.completion",
    created: 1767322000,
    model: reply.model ?? request.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    ...(reply.usage === null ? {} : { usage: usageOf(request, reply) }),
    system_fingerprint: "fp_test",
  };
}

export function toolCall(request: ModelRequest, text: string) {
  return {
    id: `call_${request.index}`,
    type: "function",
    function: { name: request.tool?.function.name, arguments: text },
  };
}

export function toolCalls(request: ModelRequest, { toolCalls: calls = [] }: Reply) {
  return calls.map(({ name, args, id }, index) => ({
    id: id ?? `call_${request.index}_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(args) },
  }));
}

/** OpenAI sends `stop` if the request itself named the function. */
export function usualReason(request: ModelRequest, channel: Channel, reply: Reply): string {
  if (reply.toolCalls) return "tool_calls";
  return channel === "arguments" && typeof request.body.tool_choice !== "object" ? "tool_calls" : "stop";
}

export function usageOf(request: ModelRequest, reply: Reply) {
  if (reply.usage === null) return undefined;
  const input = reply.usage?.input ?? words(`${request.system} ${request.user}`).length;
  const output = reply.usage?.output ?? content(request, reply).chunks.length;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}
