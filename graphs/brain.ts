import { shippedThreshold } from "conversation-channel-router";
import { chosenEngines } from "./chosen-engines.ts";
import { condense } from "./condense.ts";
import { conversationOf } from "./conversation.ts";
import { routerOf } from "./router/decide.ts";
import { seenByModel } from "./router/model-stage.ts";

/**
 * Everything that the server uses of the graphs, with the engines that are on: see `chosenEngines`. Under `npm run dev`, this module is imported
 * anew when a file in this folder changes.
 */
export function brainOf(changes: readonly string[] = []) {
  const engines = chosenEngines(changes);
  const router = routerOf(engines);
  return {
    conversation: conversationOf(engines, router),
    engines,
    condense,
    /** What the router reads of a turn, and what the local classifier makes of it. */
    router: { guessLocally: router.guessLocally, seenByModel, threshold: shippedThreshold },
  };
}

export type Brain = ReturnType<typeof brainOf>;
