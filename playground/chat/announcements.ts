import { signal } from "@preact/signals";

import { html } from "../html.ts";

/** In UTF-16 units. The rest can be read in the answer itself. */
const maxUnits = 1_000;

const announcement = signal("");

/** Announces a finished answer to screen readers. */
export function announce(text: string): void {
  announcement.value = text.length > maxUnits ? `${text.slice(0, maxUnits)}…` : text;
}

export function Announcements() {
  return html`<p class="visually-hidden" id="announcements" aria-live="polite">${announcement.value}</p>`;
}
