import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.ts";
import { workbench } from "../session/workbench-link.ts";
import { ChecksView } from "./checks-view.ts";
import { progress, stopConnecting, takeChecked } from "./connecting.ts";
import { ModelForm } from "./model-form.ts";

const styles = "assets/model/connect-model.css";

/** The dialog that connects a real model: its address, the checks and the outcome. */
export function ConnectModel({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const model = workbench.joined.value?.model;
  const { state } = progress.value;
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => stopConnecting, []);

  return html`<dialog id="connect-model" ref=${dialog} aria-labelledby="connect-model-title" onClose=${close}>
    <link rel="stylesheet" href=${styles} />
    <h2 id="connect-model-title">Connect a model</h2>
    ${
      model?.can_connect
        ? html`<p class="quiet">
              Connect any server with OpenAI's chat completions API. Enter the address at which this server can reach it. The key is sent
              only there.
            </p>
            <${ModelForm} canSave=${model.can_save} />
            ${state !== "idle" && html`<${ChecksView} />`}`
        : html`<${NotHere} />`
    }
    <${Outcome} />
    <div class="row">
      ${
        model?.can_connect &&
        html`<button class="primary" type="submit" form="model-form" disabled=${state === "checking"}>
          ${state === "checking" ? "Checking…" : "Check and connect"}
        </button>`
      }
      <button type="button" onClick=${() => dialog.current?.close()}>Close</button>
    </div>
  </dialog>`;
}

/** The outcome, and what to do. */
function Outcome() {
  const now = progress.value;
  switch (now.state) {
    case "failed":
      return html`<p class="refusal" role="alert">${now.sentence}</p>`;
    case "unfit":
      return html`<div role="alert">
        <p class="refusal">${now.sentence}</p>
        ${now.canUse && html`<button type="button" onClick=${takeChecked}>Use it anyway</button>`}
      </div>`;
    case "connected":
      return html`<div role="status">
        <p class="connected">Connected. ${now.model} answers from now on.</p>
        ${now.isKept && html`<p class="quiet">It is kept in <code>.env</code>.</p>`}
        ${
          now.overridden.length > 0 &&
          html`<p class="quiet">
            The next start will not use it: the shell sets ${now.overridden.join(", ")}, which overrides <code>.env</code>.
          </p>`
        }
      </div>`;
    default:
      return undefined;
  }
}

/** Shown for keys that may not connect a model. */
function NotHere() {
  return html`<p>
      This key may not connect a model. Start the server with <code>npm run dev</code>, or with
      <code> PLAYGROUND_EDIT=1</code> and the key in <code>WORKBENCH_KEYS</code>; or set the model when you start it:
    </p>
    <pre>OPENAI_BASE_URL=http://localhost:11434/v1 MODEL=llama3.2 npm start</pre>`;
}
