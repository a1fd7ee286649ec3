import { signal } from "@preact/signals";

import { html } from "../html.ts";

/** In UTF-16 units. A screen reader's user reads on in the answer itself. */
const maxUnits = 1_000;

const announcement = signal("");

/** Tells screen readers the text of an answer, once it is whole. */
export function announce(text: string): void {
  announcement.value = text.length > maxUnits ? `${text.slice(0, maxUnits)}…` : text;
}

export function Announcements() {
  return html`<p class="visually-hidden" id="announcements" aria-live="polite">${announcement.value}</p>`;
}
