import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";

export const usage = `npm run chat -- [--url ws://127.0.0.1:4000/socket] [--api-key KEY] [--conversation ID]
Defaults for --url and --api-key: CHAT_URL and CHAT_API_KEY.`;

export interface ChatOptions {
  url: string;
  apiKey: string;
  conversation: string;
}

/** Options from the command line and the environment. Undefined for --help. Throws if an option is invalid. */
export function chatOptions(args: string[], env: NodeJS.ProcessEnv): ChatOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: "string", default: env.CHAT_URL ?? "ws://127.0.0.1:4000/socket" },
      "api-key": { type: "string", default: env.CHAT_API_KEY ?? "" },
      conversation: { type: "string", default: randomBytes(12).toString("hex") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { url, conversation, "api-key": apiKey } = values;
  if (values.help) return undefined;
  if (!URL.canParse(url)) throw new Error(`--url: ${url} is not a valid URL.`);
  if (!apiKey)
    throw new Error(
      "An API key is needed: set --api-key or CHAT_API_KEY. A server without API_KEYS prints one when it starts.",
    );
  return { url, apiKey, conversation };
}
