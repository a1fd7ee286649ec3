import type { Socket } from "phoenix";
import { createContext, createElement, type ReactNode, useContext } from "react";

const SocketContext = createContext<Socket | undefined>(undefined);

export interface ConversationProviderProps {
  /** A connected phoenix socket. Create it once, outside of components. */
  socket: Socket;
  children?: ReactNode;
}

/** Gives the hooks below it their socket. */
export function ConversationProvider({ socket, children }: ConversationProviderProps) {
  return createElement(SocketContext.Provider, { value: socket }, children);
}

export function useSocket(): Socket {
  const socket = useContext(SocketContext);
  if (!socket) throw new Error("useConversation needs a <ConversationProvider socket={socket}> above it.");
  return socket;
}
