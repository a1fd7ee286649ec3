import { useChat } from "@ai-sdk/react";
import { Socket } from "phoenix";
import { createElement, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

import {
  type ConversationTransport,
  type ConversationUIMessage,
  conversationTransport,
} from "../../../packages/client/ai-sdk/ai-sdk.ts";
import { conversation } from "../../../packages/client/conversation.ts";

/** `useChat` with the transport alone, in a component that can be taken away. */
interface Props {
  transport: ConversationTransport;
  history: ConversationUIMessage[];
}

function App(first: Props) {
  const [props, setProps] = useState<Props | undefined>(first);
  const toggle = async () => setProps(props ? undefined : { ...first, history: await first.transport.history() });
  return createElement(
    "main",
    null,
    createElement("button", { type: "button", onClick: () => void toggle() }, "Toggle"),
    props && createElement(Chat, props),
  );
}

function Chat({ transport, history }: Props) {
  const { messages, sendMessage, status } = useChat({ id: "only", transport, messages: history, resume: true });
  return createElement(
    "section",
    { "data-status": status },
    createElement("button", { type: "button", onClick: () => void sendMessage({ text: "Count!" }) }, "Ask"),
    messages.map(({ id, parts }) =>
      createElement("p", { key: id }, parts.map((part) => (part.type === "text" ? part.text : "")).join("")),
    ),
  );
}

const socket = new Socket("/socket", { params: { api_key: "key-a" } });
socket.connect();
const onAbort = location.hash === "#detach" ? "detach" : "stop";
const transport = conversationTransport(conversation(socket, "only"), { onAbort });
const history = await transport.history();
const root = document.querySelector("#root");
if (root) createRoot(root).render(createElement(StrictMode, null, createElement(App, { transport, history })));
