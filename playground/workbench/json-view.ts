import type { ComponentChildren } from "preact";

import { html } from "../html.ts";

interface SectionProps {
  title: ComponentChildren;
  isOpen?: boolean;
  children?: ComponentChildren;
}

/** A part that can be folded. */
export function Section({ title, isOpen = false, children }: SectionProps) {
  return html`<details class="section" open=${isOpen}>
    <summary>${title}</summary>
    ${children}
  </details>`;
}

/** A JSON value that can be folded. */
export function JsonView({ title, value, isOpen = true }: { title: string; value: unknown; isOpen?: boolean }) {
  return html`<${Section} title=${title} isOpen=${isOpen}>
    <pre tabindex="0" dir="ltr">${JSON.stringify(value, null, 2) ?? "none"}</pre>
  <//>`;
}
