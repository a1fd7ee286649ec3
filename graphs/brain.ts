import { conversation } from "./conversation.ts";
import { engines } from "./engines.ts";
import { condense } from "./memory.ts";

// What the server runs, in one module: under `npm run dev` it is replaced as a whole when a file of this folder is saved.
export { condense, conversation, engines };

export interface Brain {
  conversation: typeof conversation;
  engines: typeof engines;
  condense: typeof condense;
}
