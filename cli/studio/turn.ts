import { getWriter } from "@langchain/langgraph";

import type { Host, TurnContext } from "../../graphs/host.ts";
import { inbound } from "../../src/channel/inbound.ts";
import { contextOf, type Workshop } from "../../src/turns/host.ts";
import { ledger } from "../../src/turns/ledger.ts";

/** What is the same for all runs. */
export type Bench = Pick<Workshop, "models" | "price" | "dialects" | "routing" | "prompts">;

/** What a run may bring as its context: what a `message` brings beside its content, by the same names. */
const Given = inbound.message.pick({ context: true, options: true, llm_config: true });

/** The turn of one run that Studio started. */
export function studioTurn(bench: Bench, given: unknown): TurnContext {
  const { context, options, llm_config } = Given.parse(given ?? {});
  const sampling = llm_config ? [llm_config] : [];
  const engine = options?.engine ?? undefined;
  const request = { context: context ?? {}, options: options ?? {}, preferences: {}, sampling, engine };
  return contextOf(request, studioHost(bench));
}

/** Progress goes to LangGraph's `custom` stream. The answer is in its `messages` stream already, and Studio keeps the checkpoints. */
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
