import { signal, useSignalEffect } from "@preact/signals";
import type { ConversationStore } from "conversation-channel-client";
import type { ComponentType } from "preact";

import { html } from "./html.ts";
import { current } from "./session/conversations.ts";
import { isWorkbenchOpen } from "./session/workbench-link.ts";

const component = signal<ComponentType<{ store: ConversationStore }> | undefined>(undefined);

/** The workbench beside the chat. It is loaded when it is opened first, and stays as it was while it is hidden. */
export function WorkbenchPanel() {
  const store = current.value?.conversation.store;
  useSignalEffect(() => {
    if (isWorkbenchOpen.value) void load();
  });
  return html`<aside id="workbench" aria-label="Workbench" hidden=${!isWorkbenchOpen.value}>
    ${component.value && store && html`<${component.value} store=${store} />`}
  </aside>`;
}

async function load(): Promise<void> {
  const { Workbench } = await import("./workbench/workbench.ts");
  component.value = Workbench;
}
