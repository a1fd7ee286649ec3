import { offerEngines } from "./engines.js";

/** The server lets a typing sign end after ten seconds. */
const typingSignMs = 5_000;

/** Where one writes: Enter sends, Shift+Enter begins a line, the arrow up in an empty field takes the last question up again. */
export function composer({ send, typing, editLast }) {
  const form = document.querySelector("#composer");
  const field = document.querySelector("#message");
  const engine = document.querySelector("#engine");
  offerEngines(engine);
  let signedAt = Number.NEGATIVE_INFINITY;

  function sign() {
    const isDue = performance.now() - signedAt > typingSignMs;
    if (field.value.trim() && isDue) typing(true);
    else if (!field.value.trim() && !isDue) typing(false);
    else return;
    signedAt = field.value.trim() ? performance.now() : Number.NEGATIVE_INFINITY;
  }

  field.addEventListener("input", sign);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) form.requestSubmit();
    else if (event.key === "ArrowUp" && field.value === "") editLast();
    else return;
    event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const content = field.value.trim();
    if (!content) return;
    field.value = "";
    sign();
    send(content, engine.value ? { engine: engine.value } : {});
  });

  return {
    focus: () => field.focus(),
    /** Gives a refused message back, unless something else is being written already. */
    giveBack(content) {
      if (!field.value) field.value = content;
    },
  };
}
