import { Chat } from "@ai-sdk/react";
import { lastAssistantMessageIsCompleteWithApprovalResponses } from "ai";
import { conversation } from "conversation-channel-client";
import { type ConversationUIMessage, conversationTransport } from "conversation-channel-client/ai-sdk";
import { Socket } from "phoenix";

const { VITE_SOCKET_URL = "ws://127.0.0.1:4000/socket", VITE_API_KEY } = import.meta.env;
const socket = new Socket(VITE_SOCKET_URL, { params: { api_key: VITE_API_KEY } });
socket.connect();

export const support = conversation(socket, conversationId(), { preferences: { include_reasoning: true } });

const transport = conversationTransport(support);

export const chat = new Chat<ConversationUIMessage>({
  transport,
  sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
});

// Loads the history, and streams what other tabs and devices ask.
transport.follow(chat);

/** One conversation for all tabs of this browser. */
function conversationId(): string {
  const id = localStorage.getItem("conversation") ?? `ai-sdk-${Date.now()}`;
  localStorage.setItem("conversation", id);
  return id;
}
