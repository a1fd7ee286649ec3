import type { Body, Wire } from "./provider-server.ts";
import type { JsonSchema } from "./schema-filler.ts";

interface Block {
  text?: string;
}

interface MessagesBody extends Body {
  model: string;
  system?: string | Block[];
  messages: { role: string; content: string | Block[] }[];
  tools?: { name: string; input_schema: JsonSchema }[];
  tool_choice?: { type: string; name?: string };
}

const types: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function block(index: number, content_block: object, delta: object): string {
  return [
    event("content_block_start", { index, content_block }),
    event("content_block_delta", { index, delta }),
    event("content_block_stop", { index }),
  ].join("");
}

function textOf(content: string | Block[] = ""): string {
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
}

/** Anthropic's Messages API, as it streams. */
export const anthropicWire: Wire = {
  path: "/v1/messages",
  contentType: "text/event-stream; charset=utf-8",
  request(given) {
    const { system, messages, tools = [], tool_choice } = given as MessagesBody; // refused below if it is not one
    const user = textOf(messages.findLast(({ role }) => role === "user")?.content);
    const tool = tools.find(({ name }) => tool_choice?.type === "any" || name === tool_choice?.name);
    return { user, system: textOf(system), schema: tool?.input_schema };
  },
  error: (status, message) => ({ type: "error", error: { type: types[status] ?? "api_error", message } }),
  opening({ model, usage }, { body }) {
    const tokens = { input_tokens: usage?.input ?? 11, output_tokens: 1, cache_read_input_tokens: 0 };
    const message = {
      ...{ id: "msg_01", type: "message", role: "assistant", model: model ?? body.model, content: [] },
      ...{ stop_reason: null, stop_sequence: null, usage: tokens },
    };
    return event("message_start", { message }) + event("ping", {});
  },
  reasoning: (thinking) =>
    block(0, { type: "thinking", thinking: "", signature: "" }, { type: "thinking_delta", thinking }),
  text: (text) => block(1, { type: "text", text: "" }, { type: "text_delta", text }),
  json(value, { body }) {
    const { tools } = body as MessagesBody;
    const [start, rest] = [JSON.stringify(value).slice(0, 3), JSON.stringify(value).slice(3)];
    const piece = (partial_json: string) => ({ index: 1, delta: { type: "input_json_delta", partial_json } });
    return [
      event("content_block_start", {
        index: 1,
        content_block: { type: "tool_use", id: "toolu_01", name: tools?.[0]?.name, input: {} },
      }),
      ...[start, rest].map((part) => event("content_block_delta", piece(part))),
      event("content_block_stop", { index: 1 }),
    ].join("");
  },
  ending({ finishReason, refusal, usage }, { schema }, words) {
    const usual = schema ? "tool_use" : "end_turn";
    const stop_reason = refusal ? "refusal" : finishReason === "length" ? "max_tokens" : usual;
    const delta = { stop_reason, stop_sequence: null };
    return (
      event("message_delta", { delta, usage: { output_tokens: usage?.output ?? words } }) + event("message_stop", {})
    );
  },
  errorInStream: (message) => event("error", { error: { type: "overloaded_error", message } }),
};
