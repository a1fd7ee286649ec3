import { costOfBoth } from "../../graphs/call.ts";
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
  let cost: number | null = 0;
  const prompts: Record<string, string> = {};
  let answer: AnswerFacts = { model_used: "" };
  return {
    spent(spending) {
      usage.input_tokens += spending.input_tokens;
      usage.output_tokens += spending.output_tokens;
      usage.llm_calls += spending.llm_calls;
      cost = costOfBoth(cost, spending.cost_usd ?? null);
      Object.assign(prompts, spending.prompts);
    },
    answered(facts) {
      answer = facts;
    },
    metadata() {
      const spent = cost === null || usage.llm_calls === 0 ? usage : { ...usage, cost_usd: dollars(cost) };
      return { processing_time: Math.round(now() - began), ...answer, usage: { ...spent }, prompts: { ...prompts } };
    },
  };
}

/** To a millionth of a cent, without the noise of binary fractions. */
function dollars(cost: number): number {
  return Number(cost.toFixed(8));
}
