import { signal, useSignalEffect } from "@preact/signals";

import { html } from "./html.ts";
import { lazy } from "./parts/lazy.ts";
import { current } from "./session/conversations.ts";
import { isWorkbenchOpen } from "./session/workbench-link.ts";

const Workbench = lazy(async () => (await import("./workbench/workbench.ts")).Workbench);

/** Once opened, the workbench keeps its state while the panel is hidden. */
const wasOpened = signal(false);

/** The workbench beside the chat. */
export function WorkbenchPanel() {
  const store = current.value?.conversation.store;
  useSignalEffect(() => {
    if (isWorkbenchOpen.value) wasOpened.value = true;
  });
  return html`<aside id="workbench" aria-label="Workbench" hidden=${!isWorkbenchOpen.value}>
    ${wasOpened.value && store && html`<${Workbench} store=${store} />`}
  </aside>`;
}
