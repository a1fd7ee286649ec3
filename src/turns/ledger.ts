import type { AnswerFacts, JsonObject, Spending } from "../../graphs/host.ts";

/** What a turn has taken so far, and what is known of its answer. */
export interface Ledger {
  spent(spending: Spending): void;
  answered(facts: AnswerFacts): void;
  /** The response's metadata, as far as the turn's models and prompts make it. */
  metadata(): JsonObject;
}

export function ledger(now: () => number = () => performance.now()): Ledger {
  const began = now();
  const usage = { input_tokens: 0, output_tokens: 0, llm_calls: 0 };
  const prompts: Record<string, string> = {};
  let answer: AnswerFacts = { model_used: "" };
  return {
    spent(spending) {
      usage.input_tokens += spending.input_tokens;
      usage.output_tokens += spending.output_tokens;
      usage.llm_calls += spending.llm_calls;
      Object.assign(prompts, spending.prompts);
    },
    answered(facts) {
      answer = facts;
    },
    metadata() {
      return { processing_time: Math.round(now() - began), ...answer, usage: { ...usage }, prompts: { ...prompts } };
    },
  };
}
