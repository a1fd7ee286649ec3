import { isComposing } from "./composing.js";
import { offerEngines } from "./engines.js";

/** How often to repeat the typing event. The server ends typing after ten seconds without one. */
const repeatTypingMs = 5_000;

/** The message field. Enter sends, Shift+Enter starts a new line, and arrow up in an empty field edits the last question. */
export function composer({ fits, send, typing, editLast }) {
  const form = document.querySelector("#composer");
  const field = document.querySelector("#message");
  const engine = document.querySelector("#engine");
  offerEngines(engine);
  let typingSentAt = Number.NEGATIVE_INFINITY;

  function sendTyping() {
    const isDue = performance.now() - typingSentAt > repeatTypingMs;
    if (field.value.trim() && isDue) typing(true);
    else if (!field.value.trim() && !isDue) typing(false);
    else return;
    typingSentAt = field.value.trim() ? performance.now() : Number.NEGATIVE_INFINITY;
  }

  field.addEventListener("input", sendTyping);
  field.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) form.requestSubmit();
    else if (event.key === "ArrowUp" && field.value === "") editLast();
    else return;
    event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const content = field.value.trim();
    if (!content || !fits(content)) return;
    field.value = "";
    sendTyping();
    send(content, engine.value ? { engine: engine.value } : {});
  });

  return {
    focus: () => field.focus(),
    /** What is written but not sent, also in the editor of a question. */
    unsent() {
      const editors = [...document.querySelectorAll(".question-editor textarea")];
      const edited = editors.filter(({ value, defaultValue }) => value !== defaultValue);
      return [field, ...edited]
        .map(({ value }) => value.trim())
        .filter(Boolean)
        .join("\n\n");
    },
    show(draft) {
      field.value = draft;
    },
    /** Puts a refused message back into the field, before what has been typed since. */
    giveBack(content) {
      field.value = field.value ? `${content}\n\n${field.value}` : content;
    },
  };
}
