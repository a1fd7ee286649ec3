import type { Body, Wire } from "./provider-server.ts";
import type { JsonSchema } from "./schema-filler.ts";

interface ChatBody extends Body {
  model: string;
  messages: { role: string; content: string }[];
  format?: JsonSchema;
}

function line(data: object): string {
  return `${JSON.stringify({ model: "llama3.2", created_at: "2026-01-02T03:04:05Z", ...data })}\n`;
}

function message(part: object): string {
  return line({ message: { role: "assistant", content: "", ...part }, done: false });
}

/** Ollama's own chat API. */
export const ollamaWire: Wire = {
  path: "/api/chat",
  contentType: "application/x-ndjson",
  request(given) {
    const { messages, format } = given as ChatBody;
    const textOf = (role: string) => messages.findLast((one) => one.role === role)?.content ?? "";
    return { user: textOf("user"), system: textOf("system"), schema: format };
  },
  error: (_status, error) => ({ error }),
  opening: () => "",
  reasoning: (thinking) => message({ thinking }),
  text: (content) => message({ content }),
  json: (value) => message({ content: JSON.stringify(value) }),
  ending({ finishReason, usage, model }, _request, words) {
    return line({
      ...(model && { model }),
      message: { role: "assistant", content: "" },
      done_reason: finishReason === "length" ? "length" : "stop",
      done: true,
      total_duration: 1,
      prompt_eval_count: usage?.input ?? 11,
      eval_count: usage?.output ?? words,
    });
  },
  errorInStream: (error) => `${JSON.stringify({ error })}\n`,
};
