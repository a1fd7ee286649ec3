import { Socket } from "phoenix";
import { createElement, StrictMode, startTransition, useState } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { ConversationProvider, useConversation } from "../../../packages/client/react/react.ts";

export interface Shown {
  id: string;
  /** Another one mounts another component. */
  mount?: string;
  preferences?: { temperature?: number; include_reasoning?: boolean };
}

declare global {
  interface Window {
    /** Shows these conversations, one component each. */
    show(conversations: Shown[]): void;
    socket: Socket;
  }
}

const socket = new Socket("/socket", { params: { api_key: "key-a" } });
socket.connect();
window.socket = socket;

/** The hash names a conversation that is rendered as on a server, and hydrated. */
const first: Shown[] = location.hash ? [{ id: location.hash.slice(1) }] : [];

function App() {
  const [conversations, setConversations] = useState(first);
  window.show = (next) => startTransition(() => setConversations(next));
  return conversations.map((shown, index) => createElement(Chat, { ...shown, key: shown.mount ?? index }));
}

function Chat({ id, preferences }: Shown) {
  const { conversation, connection, turns, warnings } = useConversation(id, { preferences });
  return createElement(
    "section",
    { "data-id": id, "data-connection": connection.state, "data-warnings": warnings.join() },
    createElement("button", { type: "button", onClick: () => conversation.ask(`Hello, ${id}`) }, "Ask"),
    createElement("button", { type: "button", onClick: () => conversation.leave() }, "Leave"),
    turns.map(({ key, text, status }) => createElement("p", { key, "data-status": status }, text)),
  );
}

const root = document.querySelector("#root");
const page = createElement(StrictMode, null, createElement(ConversationProvider, { socket }, createElement(App)));
if (root && location.hash) {
  root.innerHTML = renderToString(page);
  hydrateRoot(root, page);
} else if (root) createRoot(root).render(page);
