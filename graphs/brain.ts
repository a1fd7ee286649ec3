import { shippedThreshold } from "conversation-channel-router";
import { condense } from "./condense.ts";
import { conversation } from "./conversation.ts";
import { engines } from "./engines.ts";
import { guessLocally } from "./router/decide.ts";
import { seenByModel } from "./router/model-stage.ts";

/** What the router reads of a turn, and what the local classifier makes of it. */
const router = { guessLocally, seenByModel, threshold: shippedThreshold };

// Everything that the server uses of the graphs. Under `npm run dev`, this module is imported anew when a file in this folder changes.
export { condense, conversation, engines, router };

export interface Brain {
  conversation: typeof conversation;
  engines: typeof engines;
  condense: typeof condense;
  router: typeof router;
}
