import { Socket } from "phoenix";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";

import { ConversationProvider, useConversation } from "../../packages/client/react/react.ts";

function Chat() {
  const { connection, turns, isLoaded } = useConversation("server");
  return createElement("p", null, `${connection.state}, ${turns.length} turns, loaded: ${isLoaded}`);
}

it("a server renders an empty conversation and opens none", () => {
  const socket = new Socket("ws://127.0.0.1:1/socket", { transport: WebSocket });
  const html = renderToString(createElement(ConversationProvider, { socket }, createElement(Chat)));
  expect(html).toBe("<p>connecting, 0 turns, loaded: false</p>");
  expect(socket).toMatchObject({ channels: [] });
});

it("a hook without a provider says what is missing", () => {
  expect(() => renderToString(createElement(Chat))).toThrow("ConversationProvider");
});
