export type { UseConversationOptions } from "../shared.ts";
export { ConversationProvider, type ConversationProviderProps } from "./provider.ts";
export {
  type UsedConversation,
  useConversation,
  useOpenConversation,
  useOutline,
  useTurn,
} from "./use-conversation.ts";
