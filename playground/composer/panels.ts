import { html } from "../html.ts";
import { lazy } from "../parts/lazy.ts";
import { current } from "../session/conversations.ts";
import { openPanel, type Panel } from "../session/open.ts";
import { preferences } from "../session/preferences.ts";

/** The buttons that open the panels, each with the number of values that are set. */
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

const Opened = lazy(async () => (await import("./open-panel.ts")).OpenPanel);

export function OpenPanel() {
  return openPanel.value && html`<${Opened} key=${openPanel.value} panel=${openPanel.value} />`;
}
