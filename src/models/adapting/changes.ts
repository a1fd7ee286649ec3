import type { Sampling } from "../../../graphs/host.ts";

/** The parts of a request that a server may refuse. */
export interface RequestBody {
  messages: Message[];
  stream?: boolean;
  stream_options?: unknown;
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  max_completion_tokens?: number;
  response_format?: { json_schema?: { strict?: boolean } };
  tools?: { function: { strict?: boolean } }[];
  tool_choice?: unknown;
}

interface Message {
  role: string;
  content?: unknown;
}

/** A way to ask without something that the server refuses. */
export interface Change {
  /** For the log, and for the list of what was adapted. */
  name: string;
  /** What the client asked for and does not get. */
  setting?: keyof Sampling;
  /** False if the request has nothing to change. */
  fits(body: RequestBody): boolean;
  made(body: RequestBody): RequestBody;
}

type Key = Exclude<keyof RequestBody, "messages">;

function without(key: Key, setting?: keyof Sampling): Change {
  return {
    name: `without ${key}`,
    setting,
    fits: (body) => body[key] !== undefined,
    made: (body) => ({ ...body, [key]: undefined }),
  };
}

function renamed(from: "max_tokens" | "max_completion_tokens", to: typeof from): Change {
  return {
    name: `${to} instead of ${from}`,
    fits: (body) => body[from] !== undefined,
    made: (body) => ({ ...body, [from]: undefined, [to]: body[from] }),
  };
}

function roleChanged(from: string, to: string): Change {
  const fits = (body: RequestBody) => body.messages.some(({ role }) => role === from);
  const made = (body: RequestBody) => ({
    ...body,
    messages: body.messages.map((message) => (message.role === from ? { ...message, role: to } : message)),
  });
  return { name: `role ${to} instead of ${from}`, fits, made };
}

export const withoutStreamOptions = without("stream_options");
export const withoutTemperature = without("temperature", "temperature");
export const withoutTopP = without("top_p", "top_p");
export const withoutTopPBesideTemperature: Change = {
  ...withoutTopP,
  name: "without top_p beside temperature",
  fits: ({ temperature, top_p }) => temperature !== undefined && top_p !== undefined,
};
export const maxCompletionTokens = renamed("max_tokens", "max_completion_tokens");
export const maxTokens = renamed("max_completion_tokens", "max_tokens");
export const withoutMaxTokens: Change = {
  name: "without a length limit",
  setting: "max_tokens",
  fits: (body) => body.max_tokens !== undefined || body.max_completion_tokens !== undefined,
  made: (body) => ({ ...body, max_tokens: undefined, max_completion_tokens: undefined }),
};
export const unstreamed: Change = {
  name: "without streaming",
  fits: ({ stream }) => stream === true,
  made: (body) => ({ ...body, stream: false, stream_options: undefined }),
};
export const systemRole = roleChanged("developer", "system");
export const developerRole = roleChanged("system", "developer");

/** The instructions stand at the head of the first message of the user. */
export const instructionsAsUser: Change = {
  name: "instructions in the user's message",
  fits: ({ messages }) => messages.some(isInstruction),
  made(body) {
    const instructions = body.messages.filter(isInstruction).map(({ content }) => content);
    const [first, ...rest] = body.messages.filter((message) => !isInstruction(message));
    if (first?.role !== "user") {
      const user = { role: "user", content: instructions.join("\n\n") };
      return { ...body, messages: first ? [user, first, ...rest] : [user] };
    }
    const content = joined([...instructions, first.content]);
    return { ...body, messages: [{ ...first, content }, ...rest] };
  },
};

export const notStrict: Change = {
  name: "without strict",
  fits: ({ response_format, tools }) =>
    response_format?.json_schema?.strict !== undefined ||
    (tools ?? []).some((tool) => tool.function.strict !== undefined),
  made: ({ response_format, tools, ...body }) => ({
    ...body,
    ...(response_format && {
      response_format: { ...response_format, json_schema: { ...response_format.json_schema, strict: undefined } },
    }),
    ...(tools && { tools: tools.map((tool) => ({ ...tool, function: { ...tool.function, strict: undefined } })) }),
  }),
};

function choosing(tool_choice: "required" | "auto"): Change {
  return {
    name: `tool_choice ${tool_choice}`,
    fits: (body) => body.tool_choice !== undefined && body.tool_choice !== "auto" && body.tool_choice !== tool_choice,
    made: (body) => ({ ...body, tool_choice }),
  };
}

export const anyTool = choosing("required");
export const maybeTool = choosing("auto");

function isInstruction({ role }: Message): boolean {
  return role === "system" || role === "developer";
}

/** Messages with images have lists of parts as content. */
function joined(contents: unknown[]): unknown {
  if (contents.every((content) => typeof content === "string")) return contents.join("\n\n");
  return contents.flatMap((content) => (typeof content === "string" ? [{ type: "text", text: content }] : content));
}
