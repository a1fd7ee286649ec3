/** The same fields as OpenAI's chunks. */
const head = {
  id: "chatcmpl-C2x9mVbq4yWkT1aZr7Lf0sNe3JdHu",
  object: "chat.completion.chunk",
  created: 1767322000,
  model: "bench",
  service_tier: "default",
  system_fingerprint: "fp_560af6e559",
};

/** One server-sent event of a completion, framed as one HTTP chunk. */
export function choice(delta: object, finish_reason: string | null = null): Buffer {
  return event({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }], usage: null });
}

export function usage(written: number): Buffer {
  return event({
    ...head,
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: written, total_tokens: written + 10 },
  });
}

export const done = framed("data: [DONE]\n\n");

/** The same event with a unique id per answer. LangGraph merges messages that have the same id. */
export function answered(event: Buffer, answer: number): Buffer {
  const own = Buffer.from(event);
  own.write(String(answer).padStart(9, "0"), own.indexOf("chatcmpl-") + "chatcmpl-".length, "latin1");
  return own;
}

function event(data: object): Buffer {
  return framed(`data: ${JSON.stringify(data)}\n\n`);
}

function framed(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
