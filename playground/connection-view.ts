import { signal } from "@preact/signals";
import type { ConversationOutline } from "conversation-channel-client";

import { html } from "./html.ts";
import { apiKey } from "./session/api-key.ts";
import { current } from "./session/conversations.ts";

type Connection = ConversationOutline["connection"];

const isOnline = signal(navigator.onLine);
for (const event of ["online", "offline"]) addEventListener(event, () => (isOnline.value = navigator.onLine));

/** What to do about a refusal, if its message does not say. */
const advice: Record<string, string> = {
  not_found: "Open this page without “?conversation=…” to start a new one.",
};

/** The state of the connection, and how many devices are here. */
export function Connection() {
  const { connection, presence = [] } = current.value?.outline.value ?? {};
  const devices = presence.reduce((sum, user) => sum + user.devices, 0);
  const { state, words } = stateOf(connection);
  return html`<p id="connection" role="status" data-state=${state}>${words}</p>
    ${devices > 1 && html`<p id="devices">${devices} devices</p>`}`;
}

function stateOf(connection: Connection | undefined): { state: string; words: string } {
  if (apiKey.value === undefined || connection?.state === "left") return { state: "closed", words: "Not connected" };
  if (connection?.state === "open") return { state: "connected", words: "Connected" };
  if (!isOnline.value) return { state: "lost", words: "You are offline" };
  if (connection?.state === "refused") return { state: "closed", words: "Not connected" };
  if (connection?.state === "reconnecting") return { state: "lost", words: "Connection lost, reconnecting…" };
  return { state: "connecting", words: "Connecting…" };
}

export function refusalOf({ code, message }: { code: string; message: string }): string {
  return [message, advice[code]].filter(Boolean).join(" ");
}
