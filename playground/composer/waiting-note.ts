import { html } from "../html.ts";
import { showRequest, waitingRequests } from "../session/waiting.ts";

/** Says that the answer waits, and leads to what it waits for. */
export function WaitingNote() {
  if (waitingRequests.value === 0) return undefined;
  return html`<div id="waits">
    <span>The answer waits for you</span>
    <button type="button" class="quiet-button" onClick=${showRequest}>Show</button>
  </div>`;
}
