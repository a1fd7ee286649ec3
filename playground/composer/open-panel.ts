import { useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../html.ts";
import { isComposing } from "../parts/composing.ts";
import { openPanel, type Panel } from "../session/open.ts";
import { ContextPanel } from "./context-panel.ts";
import { PreferencesPanel } from "./preferences-panel.ts";

/** A panel above the message field. */
export function OpenPanel({ panel }: { panel: Panel }) {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => root.current?.querySelector<HTMLElement>("textarea, input")?.focus(), []);

  function press(event: KeyboardEvent) {
    if (event.key !== "Escape" || isComposing(event)) return;
    event.preventDefault();
    openPanel.value = undefined;
    document.querySelector<HTMLElement>(`#${panel}-toggle`)?.focus();
  }
  return html`<div class="panel" id=${panel} ref=${root} role="group" aria-label=${panel} onKeyDown=${press}>
    ${panel === "context" ? html`<${ContextPanel} />` : html`<${PreferencesPanel} />`}
  </div>`;
}
