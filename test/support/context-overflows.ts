/** In tokens. */
export const window = 2_000;

/** How servers say that a request of so many tokens is too long. */
export const overflows: [server: string, refuse: (tokens: number) => [status: number, body: object]][] = [
  [
    "OpenAI",
    (tokens) => [
      400,
      {
        error: {
          message: `This model's maximum context length is ${window} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
          type: "invalid_request_error",
          param: "messages",
          code: "context_length_exceeded",
        },
      },
    ],
  ],
  [
    "Anthropic",
    (tokens) => [
      400,
      {
        type: "error",
        error: {
          type: "invalid_request_error",
          message: `prompt is too long: ${tokens} tokens > ${window} maximum`,
        },
      },
    ],
  ],
  [
    "vLLM",
    (tokens) => [
      400,
      {
        object: "error",
        message: `This model's maximum context length is ${window} tokens. However, you requested ${tokens} tokens in the messages, Please reduce the length of the messages.`,
        type: "BadRequestError",
        param: null,
        code: 400,
      },
    ],
  ],
  [
    "llama.cpp",
    (tokens) => [
      400,
      {
        error: {
          code: 400,
          message: "the request exceeds the available context size, try increasing it",
          type: "exceed_context_size_error",
          n_prompt_tokens: tokens,
          n_ctx: window,
        },
      },
    ],
  ],
  ["Ollama", () => [500, { error: "input length exceeds maximum context length" }]],
  [
    "Mistral",
    (tokens) => [
      400,
      {
        object: "error",
        message: `Prompt contains ${tokens} tokens and 0 draft tokens, too large for model with ${window} maximum context length`,
        type: "invalid_request_error",
        param: null,
        code: 3051,
      },
    ],
  ],
  [
    "Gemini",
    (tokens) => [
      400,
      [
        {
          error: {
            code: 400,
            message: `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${window}).`,
            status: "INVALID_ARGUMENT",
          },
        },
      ],
    ],
  ],
  [
    "Azure",
    (tokens) => [
      400,
      {
        error: {
          message: `This model's maximum context length is ${window} tokens, however you requested ${tokens + 500} tokens (${tokens} in your prompt; 500 for the completion). Please reduce your prompt; or completion length.`,
          type: "invalid_request_error",
          param: null,
          code: null,
        },
      },
    ],
  ],
  [
    "OpenRouter",
    (tokens) => [
      400,
      {
        error: {
          message: `This endpoint's maximum context length is ${window} tokens. However, you requested about ${tokens} tokens (${tokens} of text input). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.`,
          code: 400,
          metadata: { provider_name: null },
        },
      },
    ],
  ],
  [
    "LM Studio",
    (tokens) => [
      400,
      {
        error: `Trying to keep the first ${tokens} tokens when context the overflows. However, the model is loaded with context length of only ${window} tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input`,
      },
    ],
  ],
];
