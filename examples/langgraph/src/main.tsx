import { Socket } from "phoenix";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Chat } from "./chat";
import "./style.css";

const { VITE_SOCKET_URL = "ws://127.0.0.1:4000/socket", VITE_API_KEY } = import.meta.env;
const socket = new Socket(VITE_SOCKET_URL, { params: { api_key: VITE_API_KEY } });
socket.connect();

const root = document.querySelector("#root");
if (!root) throw new Error("The page has no #root.");
createRoot(root).render(
  <StrictMode>
    <Chat socket={socket} id={conversationId()} />
  </StrictMode>,
);

/** One conversation for all tabs of this browser. */
function conversationId(): string {
  const id = localStorage.getItem("conversation") ?? `langgraph-${Date.now()}`;
  localStorage.setItem("conversation", id);
  return id;
}
