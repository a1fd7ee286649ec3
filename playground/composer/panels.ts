import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.ts";
import { isComposing } from "../parts/composing.ts";
import { current } from "../session/conversations.ts";
import { openPanel, type Panel } from "../session/open.ts";
import { preferences } from "../session/preferences.ts";
import { ContextPanel } from "./context-panel.ts";
import { PreferencesPanel } from "./preferences-panel.ts";

/** The buttons that open the panels, with how much is set in each. */
export function PanelButtons() {
  const context = Object.keys(current.value?.outline.value.context ?? {}).length;
  return html`<${Toggle} panel="context" name="Context" count=${context} />
    <${Toggle} panel="preferences" name="Preferences" count=${Object.keys(preferences.value).length} />`;
}

function Toggle({ panel, name, count }: { panel: Panel; name: string; count: number }) {
  const isOpen = openPanel.value === panel;
  return html`<button
    type="button"
    class="quiet-button"
    id=${`${panel}-toggle`}
    aria-expanded=${isOpen}
    onClick=${() => (openPanel.value = isOpen ? undefined : panel)}
  >
    ${name}${" "}<span id=${`${panel}-count`}>${count > 0 && `(${count})`}</span>
  </button>`;
}

export function OpenPanel() {
  return openPanel.value && html`<${Opened} key=${openPanel.value} panel=${openPanel.value} />`;
}

function Opened({ panel }: { panel: Panel }) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => root.current?.querySelector<HTMLElement>("textarea, input")?.focus(), []);

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
