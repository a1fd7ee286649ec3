import { AIMessage, HumanMessage } from "@langchain/core/messages";

import "../graphs/conversation.ts"; // declares all prompts
import type { Decision } from "conversation-channel-router";
import type { Incoming } from "conversation-channel-router/scene.ts";
import { Dialects } from "../graphs/dialects.ts";
import type { ConversationType } from "../graphs/engines.ts";
import type { JsonObject } from "../graphs/host.ts";
import { loadPrompts } from "../graphs/prompt.ts";
import { decide, decideLocally } from "../graphs/router/decide.ts";
import { config } from "../src/config.ts";
import { chatModels, routingPolicy } from "../src/models/models.ts";
import { ledger } from "../src/turns/ledger.ts";
import { silentHost } from "../src/turns/turn-host.ts";

/** The whole router with the server's settings: the model stage decides when the local stage is not sure. */
export function fullRouter(environment: NodeJS.ProcessEnv): (message: Incoming) => Promise<Decision<ConversationType>> {
  const settings = config(environment);
  const services = {
    models: chatModels(settings),
    price: () => null,
    dialects: new Dialects(),
    routing: routingPolicy(settings),
  };
  const host = silentHost(services, loadPrompts(settings.PROMPTS_DIR), ledger());

  return async (message) => {
    const messages = message.history.map(({ role, content }) =>
      role === "assistant" ? new AIMessage(content) : new HumanMessage(content),
    );
    const context = {
      host,
      memory: { messages, summary: "" },
      context: message.context as JsonObject, // parsed from JSON, so it is a JSON object
      options: {},
      preferences: {},
      sampling: [],
      engine: null,
      started: new Map(),
    };
    const { type, routing } = await decide({ context }, message.content);
    return {
      ...decideLocally(message.content, message.history, message.context),
      type,
      confidence: routing.confidence,
      reasons: [routing.reason],
    };
  };
}
