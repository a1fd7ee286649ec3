import { addCosts } from "../../graphs/call.ts";
import type { AnswerFacts, JsonObject, Spending } from "../../graphs/host.ts";

/** The route of a turn, with the field names of the wire. */
export interface Route {
  conversation_type: string;
  routed_to: string;
  routing: JsonObject;
}

/** Collects a response's metadata while the turn runs: route, usage, cost, prompts, warnings. */
export interface Ledger {
  spent(spending: Spending): void;
  answered(facts: AnswerFacts): void;
  routed(route: Route): void;
  /** Adds a warning, for example that a step failed. */
  warn(warning: string): void;
  /** The answer has text. */
  wrote(): void;
  readonly route: Route | undefined;
  /** From the start of the turn to the first word of its answer. Undefined if it has none. */
  readonly firstWordMs: number | undefined;
  /** The response's metadata so far, without the engine's findings. */
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
  let firstWordMs: number | undefined;
  return {
    spent(spending) {
      usage.input_tokens += spending.input_tokens;
      usage.output_tokens += spending.output_tokens;
      usage.llm_calls += spending.llm_calls;
      cost = addCosts(cost, spending.cost_usd ?? null);
      Object.assign(prompts, spending.prompts);
    },
    answered(facts) {
      answer = facts;
    },
    routed(decided) {
      route = decided;
    },
    warn(warning) {
      if (!warnings.includes(warning)) warnings.push(warning);
    },
    wrote() {
      firstWordMs ??= Math.round(now() - began);
    },
    get firstWordMs() {
      return firstWordMs;
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

/** Rounds away binary noise such as 0.30000000000000004. */
function dollars(cost: number): number {
  return Number(cost.toFixed(8));
}
