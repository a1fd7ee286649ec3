import { useState } from "preact/hooks";

import { html } from "../html.ts";
import { readObject, writtenObject } from "../parts/json-object.ts";
import { current } from "../session/conversations.ts";

type Context = Record<string, unknown>;

/** The conversation's context as JSON. */
export function ContextPanel() {
  const context = current.value?.outline.value.context ?? {};
  /** What was typed. Undefined while the field shows the context. */
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const [problem, setProblem] = useState("");

  async function save() {
    const wanted = readObject(typed ?? writtenObject(context));
    setProblem(wanted ? "" : "This is not a JSON object.");
    if (!wanted) return;
    try {
      await current.value?.conversation.push("set_context", { context: changes(context, wanted) });
      setTyped(undefined);
      setProblem("Saved.");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return html`<label for="context-text">Context for every answer, as a JSON object</label>
    <textarea
      id="context-text"
      rows="4"
      spellcheck=${false}
      value=${typed ?? writtenObject(context)}
      onInput=${({ currentTarget }: { currentTarget: HTMLTextAreaElement }) => setTyped(currentTarget.value)}
    ></textarea>
    <div class="row">
      <p id="context-problem" role="status">${problem}</p>
      <button id="context-save" type="button" class="primary" onClick=${save}>Save context</button>
    </div>`;
}

/** The server merges changes into the context, so removed keys are sent as null. */
function changes(before: Context, wanted: Context): Context {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(wanted, key));
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...wanted };
}
