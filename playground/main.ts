import { effect, untracked } from "@preact/signals";
import { h, render } from "preact";

import { App } from "./app.ts";
import { apiKey, refuseKey, takeKey, watchLinks } from "./session/api-key.ts";
import { current, followAddress, keepDrafts } from "./session/conversations.ts";
import { keepAttached } from "./session/keep-attached.ts";
import { followConversations } from "./session/list.ts";
import { loadPublished } from "./session/published.ts";
import { connect, socket, watchNetwork } from "./session/socket.ts";
import { watchKeys } from "./shortcuts.ts";

takeKey();
watchLinks();
watchNetwork();
watchKeys();
keepDrafts();
keepAttached();

/** Connects with each key and opens the conversation with it, since what the server said to the key before it no longer counts. */
effect(() => {
  if (apiKey.value === undefined) return;
  untracked(() => {
    connect();
    followAddress();
  });
});

/** Asks for another key if the server refuses this one. */
effect(() => {
  const connection = current.value?.outline.value.connection;
  if (connection?.state !== "refused" || connection.error.code !== "unauthorized" || socket.isConnected()) return;
  if (apiKey.peek() === undefined) return;
  socket.disconnect();
  refuseKey("The server refused this key.");
});
followConversations();
render(h(App, {}), document.body);
void loadPublished();
