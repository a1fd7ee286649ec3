import { getWriter } from "@langchain/langgraph";

import type { Host, TurnContext } from "../../graphs/host.ts";
import { inbound } from "../../src/channel/inbound.ts";
import { contextOf, type Workshop } from "../../src/turns/host.ts";
import { ledger } from "../../src/turns/ledger.ts";

/** What all runs share. */
export type Bench = Pick<Workshop, "models" | "price" | "dialects" | "routing" | "prompts">;

/** The context of a run: the fields of a `message` event without its content. */
const Given = inbound.message.pick({ context: true, options: true, llm_config: true });

/** The turn context of one run in Studio. */
export function studioTurn(bench: Bench, given: unknown): TurnContext {
  const { context, options, llm_config } = Given.parse(given ?? {});
  const sampling = llm_config ? [llm_config] : [];
  const engine = options?.engine ?? undefined;
  const request = { context: context ?? {}, options: options ?? {}, preferences: {}, sampling, engine };
  return contextOf(request, studioHost(bench));
}

/** Sends progress to LangGraph's `custom` stream. Answers are already in its `messages` stream, and Studio keeps the checkpoints. */
function studioHost({ prompts, ...bench }: Bench): Host {
  const account = ledger();
  return {
    ...bench,
    prompts: prompts(),
    progress: (progress) => getWriter()?.(progress),
    delta() {},
    restart() {},
    spent: account.spent,
    answered: account.answered,
    report: account.metadata,
    step: (_name, run) => run(),
  };
}
