import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

import { html } from "../html.ts";

export interface Tab<Id extends string> {
  id: Id;
  title: string;
  content: () => ComponentChildren;
}

interface TabsProps<Id extends string> {
  label: string;
  tabs: readonly Tab<Id>[];
  opened: Signal<Id>;
}

/** ARIA tabs: arrow keys, Home and End select a tab. A tab's content stays once it was opened, so that nothing in it is lost. */
export function Tabs<Id extends string>({ label, tabs, opened }: TabsProps<Id>) {
  const list = useRef<HTMLDivElement>(null);
  const seen = useRef(new Set<Id>());
  seen.current.add(opened.value);

  function move({ key }: KeyboardEvent) {
    const at = tabs.findIndex(({ id }) => id === opened.value);
    const last = tabs.length - 1;
    const steps: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const next = tabs[steps[key] ?? -1];
    if (!next) return;
    opened.value = next.id;
    list.current?.querySelector<HTMLElement>(`#workbench-tab-${next.id}`)?.focus();
  }

  return [
    html`<div key="tabs" class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${move}>
      ${tabs.map(({ id, title }) => {
        const isOpen = id === opened.value;
        return html`<button
          key=${id}
          type="button"
          role="tab"
          id=${`workbench-tab-${id}`}
          aria-controls=${`workbench-${id}`}
          aria-selected=${isOpen ? "true" : "false"}
          tabindex=${isOpen ? 0 : -1}
          onClick=${() => {
            opened.value = id;
          }}
        >
          ${title}
        </button>`;
      })}
    </div>`,
    ...tabs.map(
      ({ id, content }) => html`<div
        key=${id}
        class="pane"
        role="tabpanel"
        id=${`workbench-${id}`}
        aria-labelledby=${`workbench-tab-${id}`}
        tabindex="0"
        hidden=${id !== opened.value}
      >
        ${seen.current.has(id) && content()}
      </div>`,
    ),
  ];
}
