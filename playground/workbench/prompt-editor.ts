import { useSignal } from "@preact/signals";

import { html } from "../html.ts";
import { Words } from "../parts/words.ts";
import { Badge } from "./badge.ts";
import { ConflictView } from "./conflict-view.ts";
import { prompts } from "./data/prompts.ts";
import { PromptRunView } from "./prompt-run-view.ts";
import { noVerdict, refusedVerdict, SourceField } from "./source-field.ts";
import { VersionsView } from "./versions-view.ts";

interface PromptEditorProps {
  name: string;
  replayWith: () => void;
  back: () => void;
}

/** A prompt file: its text, its versions, and runs over past turns. If saving is not allowed, the text is only a draft. */
export function PromptEditor({ name, replayWith, back }: PromptEditorProps) {
  const verdict = useSignal(noVerdict);
  const view = useSignal<"text" | "versions" | "run">("text");
  const file = prompts.file(name);
  const isDraft = prompts.isDraft(name);
  const canEdit = prompts.canEdit.value;

  async function save() {
    if (!canEdit || !prompts.isDraft(name)) return;
    try {
      await prompts.save(name);
      verdict.value = { ...noVerdict, state: "saved", words: "Saved. The next answer will use it." };
    } catch (refusal) {
      const refused = refusedVerdict(refusal);
      verdict.value = { ...refused, words: `Not saved: ${refused.words}` };
    }
  }
  const views = [
    ["text", "Text"],
    ["versions", "Versions"],
    ["run", "Run over past turns"],
  ] as const;

  return html`<div class="prompt-editor">
    <div class="toolbar">
      <button type="button" onClick=${back}>← All prompts</button>
      <h3>${name}</h3>
      <span class="badges">
        <code class="hash">${file?.hash}</code>
        ${isDraft && html`<${Badge} words="draft" kind="draft" />`}
      </span>
    </div>
    <p class="about" dir="auto"><${Words} text=${file?.description} />${variableWords(file?.variables)}</p>
    ${file?.fault && html`<p class="problem">The file on disk is invalid, so the last valid version is in use: ${file.fault}</p>`}
    <div class="views" role="group" aria-label="View of the prompt">
      ${views.map(
        ([id, title]) => html`<button
          key=${id}
          type="button"
          aria-pressed=${view.value === id ? "true" : "false"}
          onClick=${() => {
            view.value = id;
          }}
        >
          ${title}
        </button>`,
      )}
    </div>
    ${prompts.isConflict(name) && html`<${ConflictView} name=${name} save=${save} />`}
    ${
      view.value === "text" &&
      html`<${SourceField} name=${name} verdict=${verdict} save=${save} />
        <div class="choices">
          ${
            canEdit &&
            html`<button type="button" class="primary" title="Ctrl+S or ⌘S" disabled=${!isDraft} onClick=${save}>Save</button>`
          }
          <button type="button" class=${canEdit ? "" : "primary"} disabled=${!isDraft} onClick=${replayWith}>
            Use as draft for replay
          </button>
          <button type="button" disabled=${!isDraft} onClick=${() => prompts.revert(name)}>Revert</button>
        </div>
        <p class="hint">Ctrl+Space completes. Tab indents; press Esc, then Tab to leave the editor.</p>`
    }
    ${view.value === "versions" && html`<${VersionsView} name=${name} />`}
    ${view.value === "run" && html`<${PromptRunView} name=${name} />`}
  </div>`;
}

function variableWords(variables: readonly string[] = []): string {
  if (variables.length === 0) return "";
  return ` Required variables: ${variables.map((variable) => `{{${variable}}}`).join(", ")}.`;
}
