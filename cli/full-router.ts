import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { nothingAttached } from "../graphs/attached/attached.ts";

import "../graphs/conversation.ts"; // declares all prompts
import type { Decision } from "conversation-channel-router";
import type { Incoming } from "conversation-channel-router/scene.ts";
import { chosenEngines, usesPrompt } from "../graphs/chosen-engines.ts";
import { Dialects } from "../graphs/dialects.ts";
import type { JsonObject, Spending } from "../graphs/host.ts";
import { loadPrompts } from "../graphs/prompt.ts";
import { routerOf } from "../graphs/router/decide.ts";
import type { Routing } from "../graphs/routing.ts";
import type { Config } from "../src/config.ts";
import { chatModels, routingPolicy } from "../src/models/models.ts";
import { prices } from "../src/models/prices.ts";
import { ledger } from "../src/turns/ledger.ts";
import { silentHost } from "../src/turns/silent-host.ts";

/** The whole router's decision about a message. */
export interface Routed extends Decision<string> {
  decidedBy: Routing["decided_by"];
  /** What its model calls spent. */
  spent: Spending[];
  /** Why the model stage failed; undefined if it did not. */
  failure: string | undefined;
}

/** The whole router with the server's settings: the model stage decides when the local stage is not sure. */
export function fullRouter(settings: Config): (message: Incoming) => Promise<Routed> {
  const services = {
    models: chatModels(settings),
    price: prices(settings),
    dialects: new Dialects(),
    routing: routingPolicy(settings),
  };
  const prompts = loadPrompts(settings.PROMPTS_DIR, usesPrompt(settings.ENGINES));
  const { classify, decide } = routerOf(chosenEngines(settings.ENGINES));

  return async (message) => {
    const spent: Spending[] = [];
    let failure: string | undefined;
    const host = {
      ...silentHost(services, prompts, ledger()),
      spent: (spending: Spending) => void spent.push(spending),
      stepFailed: (_step: string, { code }: { code: string }) => {
        failure = code;
      },
    };
    const messages = message.history.map(({ role, content }) =>
      role === "assistant" ? new AIMessage(content) : new HumanMessage(content),
    );
    const context = {
      host,
      memory: { messages, summary: "" },
      context: message.context as JsonObject, // parsed from JSON, so it is a JSON object
      options: {},
      preferences: {},
      attachments: [],
      attached: async () => nothingAttached,
      sampling: [],
      engine: null,
      routed: null,
      started: new Map(),
    };
    const { type, routing } = await decide({ context }, message.content);
    return {
      ...classify(message.content, message.history, message.context),
      type,
      confidence: routing.confidence,
      reasons: [routing.reason],
      decidedBy: routing.decided_by,
      spent,
      failure,
    };
  };
}
