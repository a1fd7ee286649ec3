import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { createRouter, type Decision as LocalDecision } from "conversation-channel-router";
import { type ConversationType, engines, isConversationType } from "../engines.ts";
import { type JsonObject, type TurnRuntime, turn } from "../host.ts";
import type { Routing } from "../routing.ts";
import { askModel } from "./model-stage.ts";
import { type Speculation, speculate } from "./speculate.ts";

/** The local classifier, for the engines of the registry. */
export const decideLocally = createRouter({ engines });

/** The chosen engine, who chose it and why, and the router's findings. */
export interface Decision {
  type: ConversationType;
  routing: Routing;
  findings: JsonObject;
}

/**
 * A turn that has waited goes on in its engine. Otherwise, takes the client's choice if there is one. If not, the local classifier decides if it
 * is confident; if it is not, one model call does. If that fails, the classifier's best guess counts.
 */
export async function decide(runtime: TurnRuntime, question: string): Promise<Decision> {
  const { engine, routed, host, memory, context } = turn(runtime);
  if (routed && isConversationType(routed.route)) return { type: routed.route, routing: routed.routing, findings: {} };
  if (isConversationType(engine)) return decision(engine, "client", 1, "The client chose the engine.");
  const { mode, threshold } = host.routing;
  const guess = guessLocally(question, memory.messages, context, threshold);
  if (guess.sure || mode === "local") return local(guess);
  let speculation: Speculation | undefined;
  const reply = await askModel(runtime, question, () => {
    if (mode === "speculative") speculation = speculate(runtime, question, guess.probabilities);
  });
  const taken = reply?.type ?? guess.type;
  if (speculation && speculation.type !== taken) speculation.drop();
  if (!reply) return local(guess);
  const { type, confidence, reason, standalone_question } = reply;
  const findings = type === "multi_step" && standalone_question ? { standalone_question } : {};
  return { ...decision(type, "model", confidence, reason), findings };
}

/** What the local classifier says of a message. */
export function guessLocally(
  question: string,
  messages: readonly BaseMessage[],
  context: JsonObject,
  threshold: number | undefined,
): LocalDecision<ConversationType> {
  return decideLocally(question, messages.map(entryOf), context, threshold);
}

function local({ type, confidence, reasons }: LocalDecision<ConversationType>): Decision {
  return decision(type, "local", confidence, reasons.join(" "));
}

function decision(
  type: ConversationType,
  decided_by: Routing["decided_by"],
  confidence: number,
  reason: string,
): Decision {
  return { type, routing: { decided_by, confidence, reason }, findings: {} };
}

function entryOf(message: BaseMessage) {
  return { role: AIMessage.isInstance(message) ? ("assistant" as const) : ("user" as const), content: message.text };
}
