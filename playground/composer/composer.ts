import { refusalOf } from "../connection-view.ts";
import { html } from "../html.ts";
import { lazy } from "../parts/lazy.ts";
import { isSendWaiting, send, startOver, stop } from "../session/actions.ts";
import { attached } from "../session/attached.ts";
import { current } from "../session/conversations.ts";
import { notice } from "../session/notice.ts";
import { AttachButton } from "./attach-button.ts";
import { Choices } from "./choices.ts";
import { DropTarget } from "./dropping.ts";
import { Field } from "./field.ts";
import { OpenPanel, PanelButtons } from "./panels.ts";
import { WaitingNote } from "./waiting-note.ts";

const AttachedFiles = lazy(async () => (await import("./attached-files.ts")).AttachedFiles);

/** The message box, with the engine, the model and other options of the next message. */
export function Composer() {
  const outline = current.value?.outline.value;
  const isTyping = (outline?.typing.length ?? 0) > 0;
  const { connection } = outline ?? {};
  const refusal = connection?.state === "refused" ? refusalOf(connection.error) : "";
  return html`<form id="composer" aria-label="Your message" onSubmit=${submit}>
    <p id="notice" role="alert">${refusal || notice.value}</p>
    <p id="others" role="status">${isTyping && "Typing on another device…"}</p>
    <${WaitingNote} />
    <${OpenPanel} />
    <${DropTarget} />
    <div class="box">
      ${attached.value.length > 0 && html`<${AttachedFiles} />`}
      <label class="visually-hidden" for="message">Message</label>
      <${Field} />
      <div class="tools">
        <${AttachButton} />
        <${Choices} />
        <span class="space"></span>
        ${outline?.running_turn !== undefined && html`<button id="stop" type="button" onClick=${stop}>Stop</button>`}
        <button id="send" class="primary" type="submit" aria-busy=${isSendWaiting.value}>
          ${isSendWaiting.value ? "Uploading…" : "Send"}
        </button>
      </div>
    </div>
    <div class="hints">
      <${PanelButtons} />
      <span class="keys"><kbd>Enter</kbd> sends · <kbd>Shift</kbd> <kbd>Enter</kbd> new line · <kbd>Ctrl</kbd> <kbd>K</kbd> commands</span>
      <button id="start-over" type="button" class="quiet-button" title="Clears this conversation on all devices" onClick=${startOver}>
        Start over
      </button>
    </div>
  </form>`;
}

function submit(event: Event): void {
  event.preventDefault();
  send();
}
