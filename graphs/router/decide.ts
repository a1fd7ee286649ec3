import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { createRouter, type Decide, type Decision as LocalDecision } from "conversation-channel-router";
import { asPasted } from "../attached/note.ts";
import type { Engines } from "../chosen-engines.ts";
import { type JsonObject, type TurnRuntime, turn } from "../host.ts";
import type { Routing } from "../routing.ts";
import { modelStage } from "./model-stage.ts";
import { type Speculation, speculate } from "./speculate.ts";

/** The chosen engine, who chose it and why, and the router's findings. */
export interface Decision {
  type: string;
  routing: Routing;
  findings: JsonObject;
}

/** The router of a server: it knows the engines that are on. */
export interface Router {
  /** The local classifier. */
  classify: Decide<string>;
  /**
   * A turn that has waited goes on in its engine. Otherwise, takes the client's choice if there is one. If not, the local classifier decides if
   * it is confident; if it is not, one model call does. If that fails, the classifier's best guess counts.
   */
  decide(runtime: TurnRuntime, question: string): Promise<Decision>;
  /** What the local classifier says of a message. */
  guessLocally(
    question: string,
    messages: readonly BaseMessage[],
    context: JsonObject,
    threshold: number | undefined,
  ): LocalDecision<string>;
}

/** In UTF-16 units. So much of the files' texts is read like pasted text. */
const maxPastedUnits = 4_000;

export function routerOf(engines: Engines): Router {
  const classify = createRouter<string>({ engines });
  const askModel = modelStage(engines);
  const isOn = (type: string | null): type is string => type !== null && Object.hasOwn(engines, type);

  const guessLocally: Router["guessLocally"] = (question, messages, context, threshold) =>
    classify(question, messages.map(entryOf), context, threshold);

  return {
    classify,
    guessLocally,
    async decide(runtime, question) {
      const { engine, routed, host, memory, context, attached } = turn(runtime);
      if (routed && isOn(routed.route)) return { type: routed.route, routing: routed.routing, findings: {} };
      if (isOn(engine)) return decision(engine, "client", 1, "The client chose the engine.");
      const { mode, threshold } = host.routing;
      const own = (await attached()).files.filter(({ isEarlier }) => !isEarlier);
      const names = own.map(({ name }) => name);
      const guess = guessLocally(
        asPasted(question, own, maxPastedUnits),
        memory.messages,
        own.length > 0 ? { ...context, attachments: names } : context,
        threshold,
      );
      if (guess.sure || mode === "local") return local(guess);
      let speculation: Speculation | undefined;
      const reply = await askModel(runtime, question, () => {
        if (mode === "speculative") speculation = speculate(engines, runtime, question, guess.probabilities);
      });
      const taken = reply?.type ?? guess.type;
      if (speculation && speculation.type !== taken) speculation.drop();
      if (!reply) return local(guess);
      const { type, confidence, reason, standalone_question } = reply;
      const findings = type === "multi_step" && standalone_question ? { standalone_question } : {};
      return { ...decision(type, "model", confidence, reason), findings };
    },
  };
}

function local({ type, confidence, reasons }: LocalDecision<string>): Decision {
  return decision(type, "local", confidence, reasons.join(" "));
}

function decision(type: string, decided_by: Routing["decided_by"], confidence: number, reason: string): Decision {
  return { type, routing: { decided_by, confidence, reason }, findings: {} };
}

function entryOf(message: BaseMessage) {
  return { role: AIMessage.isInstance(message) ? ("assistant" as const) : ("user" as const), content: message.text };
}
