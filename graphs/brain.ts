import { condense } from "./condense.ts";
import { conversation } from "./conversation.ts";
import { engines } from "./engines.ts";

// Everything that the server uses of the graphs. Under `npm run dev`, this module is imported anew when a file in this folder changes.
export { condense, conversation, engines };

export interface Brain {
  conversation: typeof conversation;
  engines: typeof engines;
  condense: typeof condense;
}
