import { html } from "../html.ts";
import { replays } from "./data/replays.ts";
import { loaded, type ShownTurn, shownTurn } from "./data/turn.ts";
import { RecordView } from "./record-view.ts";
import { ReplayForm } from "./replay-form.ts";
import { ReplayView } from "./replay-view.ts";

/** The selected turn: its record, the replay form and its replays. */
export function TurnTab({ edit }: { edit: (prompt: string) => void }) {
  const { record, problem } = loaded.value;
  const shown = shownTurn.value;
  const own = record?.turn.turn_id === shown?.id ? record : undefined;
  return html`<div>
    <p class="about" role="status">${noteOf(shown, problem)}</p>
    ${own && html`<div key=${own.turn.turn_id}><${RecordView} record=${own} edit=${edit} /><${ReplayForm} record=${own} /></div>`}
    ${shown && replays.of(shown.id).map((replay) => html`<${ReplayView} key=${replay.id} replay=${replay} />`)}
  </div>`;
}

function noteOf(shown: ShownTurn | undefined, problem = ""): string {
  if (!shown) return "No turn yet. Ask something.";
  if (shown.phase === "over") return problem;
  return shown.phase === "waiting" ? "This turn waits for a person." : "This turn is still running.";
}
