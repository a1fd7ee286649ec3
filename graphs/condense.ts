import { HumanMessage } from "@langchain/core/messages";

import { think } from "./ask.ts";
import { nothingAttached } from "./attached/attached.ts";
import { type Call, prepare } from "./call.ts";
import { textOrNone } from "./compose.ts";
import { ModelFailure } from "./failure.ts";
import type { TurnContext } from "./host.ts";
import type { Exchange } from "./memory.ts";
import { prompt } from "./prompt.ts";
import { cut } from "./text.ts";
import { cutToTokens } from "./tokens.ts";

const condensing = prompt("summary", ["summary"]);

/** A model that cannot read so much of the earlier turns cannot condense them. */
const minTokens = 100;

/** A summary of the previous summary and the oldest exchanges. */
export interface Condensed {
  text: string;
  /** The last exchange that it covers. */
  last: Exchange;
}

/**
 * Asks the model for a summary of the previous summary and of these exchanges, or of so many of the oldest as it can read at once. Throws if
 * the model fails. There has to be an exchange.
 */
export async function condense(
  context: TurnContext,
  exchanges: readonly Exchange[],
  summary: string,
  signal: AbortSignal,
): Promise<Condensed> {
  const alone = { memory: { messages: [], summary: "" }, attached: async () => nothingAttached };
  const runtime = { context: { ...context, ...alone }, signal };
  let limit = exchanges.reduce((sum, { tokens }) => sum + tokens, 0);
  while (true) {
    const some = oldest(exchanges, limit);
    const call = await prepare(runtime, {
      prompt: condensing,
      question: cutToTokens(transcript(some), limit),
      values: { summary: textOrNone(cut(summary, 4 * limit)) },
      sampling: "own",
    });
    const text = await summaryFrom(call, limit >= 2 * minTokens);
    if (text !== undefined) return { text, last: some.at(-1) as Exchange }; // there is at least one
    limit = Math.floor(limit / 2);
  }
}

/** Undefined if there was too much to read, and less might do. */
async function summaryFrom(call: Call, mayBeLess: boolean): Promise<string | undefined> {
  if (mayBeLess && call.messages.exceed(call.models[0])) return undefined;
  try {
    const text = await think(call);
    if (text === "") throw new ModelFailure("model_unavailable", "The model gave an empty summary.");
    return text;
  } catch (error) {
    if (mayBeLess && error instanceof ModelFailure && error.reason === "context_overflow") return undefined;
    throw error;
  }
}

/** The oldest exchanges that fit, but at least one. */
function oldest(exchanges: readonly Exchange[], limit: number): readonly Exchange[] {
  let left = limit;
  const count = exchanges.findIndex(({ tokens }) => {
    left -= tokens;
    return left < 0;
  });
  return count < 0 ? exchanges : exchanges.slice(0, Math.max(1, count));
}

function transcript(exchanges: readonly Exchange[]): string {
  return exchanges
    .flatMap(({ messages }) => [...messages])
    .map((message) => `${HumanMessage.isInstance(message) ? "User" : "Assistant"}: ${message.text}`)
    .join("\n\n");
}
