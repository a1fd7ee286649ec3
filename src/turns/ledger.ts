import { addCosts } from "../../graphs/call.ts";
import type { Source } from "../../graphs/files.ts";
import type { AnswerFacts, JsonObject, Spending } from "../../graphs/host.ts";

import { addSource, type Cited, sourcesIn } from "./cited.ts";

/** The route of a turn, with the field names of the wire. */
export interface Route {
  conversation_type: string;
  routed_to: string;
  routing: JsonObject;
}

/** Everything that a ledger knows, as plain data. */
export interface LedgerState {
  ms: number;
  usage: { input_tokens: number; output_tokens: number; llm_calls: number };
  /** Null if a price is unknown. */
  cost: number | null;
  prompts: Record<string, string>;
  warnings: string[];
  answer: AnswerFacts;
  route?: Route;
  firstWordMs?: number;
  sources?: Cited[];
}

/** Collects a response's metadata while the turn runs: route, usage, cost, prompts, warnings. */
export interface Ledger {
  spent(spending: Spending): void;
  answered(facts: AnswerFacts): void;
  routed(route: Route): void;
  /** Adds a warning, for example that a step failed. */
  warn(warning: string): void;
  /** See `Host.source`. */
  source(source: Source, ifNamed?: boolean): number | undefined;
  /** The answer has text. */
  wrote(): void;
  readonly route: Route | undefined;
  /** From the start of the turn to the first word of its answer. Undefined if it has none. */
  readonly firstWordMs: number | undefined;
  /** The response's metadata so far, without the engine's findings. */
  metadata(): JsonObject;
  /** The sources of this answer, as metadata. */
  sources(answer: string): { sources?: Source[] };
  /** For a ledger that goes on from here. */
  state(): LedgerState;
}

/** `before`: goes on where another ledger ended. The time between does not count. */
export function ledger(now: () => number = () => performance.now(), before?: LedgerState): Ledger {
  const began = now() - (before?.ms ?? 0);
  const usage = { input_tokens: 0, output_tokens: 0, llm_calls: 0, ...before?.usage };
  let cost = before ? before.cost : 0;
  const prompts = { ...before?.prompts };
  const warnings = [...(before?.warnings ?? [])];
  let answer: AnswerFacts = before?.answer ?? { model_used: "" };
  let route = before?.route;
  let firstWordMs = before?.firstWordMs;
  const sources = [...(before?.sources ?? [])];
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
    source: (source, ifNamed) => addSource(sources, source, ifNamed),
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
    sources: (text) => sourcesIn(text, sources),
    state: () => ({ ms: now() - began, usage, cost, prompts, warnings, answer, route, firstWordMs, sources }),
  };
}

/** Rounds away binary noise such as 0.30000000000000004. */
function dollars(cost: number): number {
  return Number(cost.toFixed(8));
}
