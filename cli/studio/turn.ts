import { getWriter } from "@langchain/langgraph";

import type { Host, TurnContext } from "../../graphs/host.ts";
import { inbound } from "../../src/channel/inbound.ts";
import { ledger } from "../../src/turns/ledger.ts";
import { contextOf, type ModelServices, silentHost } from "../../src/turns/silent-host.ts";

/** What all runs share. */
export interface Bench extends ModelServices {
  prompts: () => Host["prompts"];
}

/** The context of a run: the fields of a `message` event without its content. */
const Given = inbound.message.pick({ context: true, options: true, llm_config: true });

/** The turn context of one run in Studio. */
export function studioTurn(bench: Bench, given: unknown): TurnContext {
  const { context, options, llm_config } = Given.parse(given ?? {});
  const sampling = llm_config ? [llm_config] : [];
  const engine = options?.engine ?? undefined;
  const request = { context: context ?? {}, options: options ?? {}, preferences: {}, sampling, engine };
  return contextOf(request, studioHost(bench), { messages: [], summary: "" });
}

/** Sends progress to LangGraph's `custom` stream. Answers are already in its `messages` stream, and Studio keeps the checkpoints. */
function studioHost({ prompts, ...services }: Bench): Host {
  return { ...silentHost(services, prompts(), ledger()), progress: (progress) => getWriter()?.(progress) };
}
