import { html } from "../html.ts";
import { prompts } from "./data/prompts.ts";
import { Compared } from "./line-diff.ts";

interface ConflictViewProps {
  name: string;
  save: () => void;
}

/** Shown when a file changed on disk while there is a draft of it: a line diff, and buttons to resolve the conflict. */
export function ConflictView({ name, save }: ConflictViewProps) {
  function overwrite() {
    prompts.keepMine(name);
    save();
  }
  return html`<div class="conflict" role="group" aria-label="Conflict">
    <p role="alert">The file changed on disk while you were editing. − is the file, + is your draft.</p>
    <${Compared}
      before=${prompts.file(name)?.source ?? ""}
      after=${prompts.source(name)}
      label="Differences between the file and the draft"
    />
    <div class="choices">
      <button type="button" onClick=${() => prompts.revert(name)}>Discard my draft</button>
      <button type="button" onClick=${() => prompts.keepMine(name)}>Keep my draft</button>
      ${prompts.canEdit.value && html`<button type="button" onClick=${overwrite}>Overwrite the file</button>`}
    </div>
  </div>`;
}
