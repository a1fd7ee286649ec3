import { html } from "../html.ts";
import { ask } from "../session/actions.ts";
import { current } from "../session/conversations.ts";
import { engineName } from "../session/engines.ts";
import { followUps } from "../suggestions.ts";

/** Suggestions after the first answer. */
export function FollowUps() {
  const { turnKeys = [], running_turn, unsent = [] } = current.value?.outline.value ?? {};
  if (turnKeys.length !== 1 || running_turn !== undefined || unsent.length > 0) return undefined;
  return html`<ul class="follow-ups" aria-label="Follow-up suggestions">
    ${followUps.map(
      ({ engine, label, message }) => html`<li key=${label}>
        <button type="button" title=${message} onClick=${() => ask(message, "")}>
          <span class="engine">${engineName(engine)}</span> ${label}
        </button>
      </li>`,
    )}
  </ul>`;
}
