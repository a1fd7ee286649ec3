import type { ConversationType } from "../engines.ts";
import { isConversationType } from "../engines.ts";
import { type JsonObject, type TurnRuntime, turn } from "../host.ts";
import type { Routing } from "../routing.ts";
import { askModel } from "./model-stage.ts";
import { certainRule } from "./rules.ts";

/** The engine that shall answer, who says so, and what the router found out on the way. */
export interface Decision {
  type: ConversationType;
  routing: Routing;
  findings: JsonObject;
}

/** The client's choice, else a certain rule, else one model call. Never fails the turn: undecided is a decision too. */
export async function decide(runtime: TurnRuntime, question: string): Promise<Decision> {
  const { engine, memory, context } = turn(runtime);
  if (isConversationType(engine)) return decision(engine, "client", 1, "The client chose the engine.");
  const hasHistory = memory.messages.length > 0;
  const rule = certainRule({ question, context, hasHistory });
  if (rule) return decision(rule.type, "rule", rule.confidence, rule.reason);
  const reply = await askModel(runtime, question);
  if (!reply) return decision(hasHistory ? "multi_step" : "simple", "rule", 0, "The router could not decide.");
  const { type, confidence, reason, standalone_question } = reply;
  const findings = type === "multi_step" && standalone_question ? { standalone_question } : {};
  return { ...decision(type, "model", confidence, reason), findings };
}

function decision(
  type: ConversationType,
  decided_by: Routing["decided_by"],
  confidence: number,
  reason: string,
): Decision {
  return { type, routing: { decided_by, confidence, reason }, findings: {} };
}
