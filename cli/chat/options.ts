import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";

export const usage = `npm run chat -- [--url ws://127.0.0.1:4000/socket] [--api-key KEY] [--conversation ID]
CHAT_URL and CHAT_API_KEY stand in for the first two.`;

export interface ChatOptions {
  url: string;
  apiKey: string;
  conversation: string;
}

/** What the command line and the environment say; undefined when help is wanted. Throws when they make no sense. */
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
  if (!URL.canParse(url)) throw new Error(`${url} is not the address of a server.`);
  if (!apiKey)
    throw new Error(
      "An API key is needed: --api-key or CHAT_API_KEY. The server prints one when it starts without any.",
    );
  return { url, apiKey, conversation };
}
