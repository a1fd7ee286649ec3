import { randomBytes } from "node:crypto";

import { commandLine, WrongUse } from "../../src/settings/command-line.ts";

const usage = `Chats in the terminal.

  npm run chat -- --api-key KEY               or CHAT_API_KEY
    --url ws://127.0.0.1:4000/socket          or CHAT_URL
    --conversation ID                         continues this conversation
`;

export interface ChatOptions {
  url: string;
  apiKey: string;
  conversation: string;
}

/** Options from the command line and the environment. Throws WrongUse if an option is invalid. */
export function chatOptions(args: string[], env: NodeJS.ProcessEnv): ChatOptions {
  const { values } = commandLine(usage, {
    args,
    options: {
      url: { type: "string", default: env.CHAT_URL ?? "ws://127.0.0.1:4000/socket" },
      "api-key": { type: "string", default: env.CHAT_API_KEY ?? "" },
      conversation: { type: "string", default: randomBytes(12).toString("hex") },
    },
  });
  const { url, conversation, "api-key": apiKey } = values;
  if (!URL.canParse(url)) throw new WrongUse(`--url: ${url} is not a valid URL.`);
  if (!apiKey)
    throw new WrongUse(
      "An API key is needed: set --api-key or CHAT_API_KEY. A server without API_KEYS prints one when it starts.",
    );
  return { url, apiKey, conversation };
}
