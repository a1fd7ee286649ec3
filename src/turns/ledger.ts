import { costOfBoth } from "../../graphs/call.ts";
import type { AnswerFacts, JsonObject, Spending } from "../../graphs/host.ts";

/** Where a turn was sent, as clients are told. */
export interface Route {
  conversation_type: string;
  routed_to: string;
  routing: JsonObject;
}

/** What a turn has spent so far, and what is known of its answer. */
export interface Ledger {
  spent(spending: Spending): void;
  answered(facts: AnswerFacts): void;
  routed(route: Route): void;
  /** Something that the client asked for, or a step, was left out. */
  warn(warning: string): void;
  readonly route: Route | undefined;
  /** The response's metadata, without the engine's findings. */
  metadata(): JsonObject;
}

export function ledger(now: () => number = () => performance.now()): Ledger {
  const began = now();
  const usage = { input_tokens: 0, output_tokens: 0, llm_calls: 0 };
  let cost: number | null = 0;
  const prompts: Record<string, string> = {};
  const warnings: string[] = [];
  let answer: AnswerFacts = { model_used: "" };
  let route: Route | undefined;
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
    routed(decided) {
      route = decided;
    },
    warn(warning) {
      warnings.push(warning);
    },
    get route() {
      return route;
    },
    metadata() {
      const spent = cost === null || usage.llm_calls === 0 ? usage : { ...usage, cost_usd: dollars(cost) };
      return {
        processing_time: Math.round(now() - began),
        ...answer,
        usage: { ...spent },
        ...(route && { routing: route.routing }),
        prompts: { ...prompts },
        ...(warnings.length > 0 && { warnings: [...warnings] }),
      };
    },
  };
}

/** To a millionth of a cent, without the noise of binary fractions. */
function dollars(cost: number): number {
  return Number(cost.toFixed(8));
}
