import type { ConversationOutline, ConversationState } from "../conversation.ts";

const empty = {
  connection: { state: "connecting" },
  running_turn: undefined,
  hasEarlier: false,
  isLoaded: false,
  unsent: [],
  context: {},
  warnings: [],
  presence: [],
  typing: [],
} satisfies Partial<ConversationOutline>;

/** What there is to show before the conversation is open, and on a server. */
export const emptyOutline: ConversationOutline = { ...empty, turnKeys: [] };
export const emptyState: ConversationState = { ...empty, turns: [] };
