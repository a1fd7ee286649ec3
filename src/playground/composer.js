/** The server lets a typing sign end after ten seconds. */
const typingSignMs = 5_000;

/** Where one writes: Enter sends, Shift+Enter begins a line. */
export function composer({ send, typing }) {
  const form = document.querySelector("#composer");
  const field = document.querySelector("#message");
  const engine = document.querySelector("#engine");
  offerEngines(engine).catch(() => {}); // without the list "automatic" is left
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
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
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

/** The engines as the server knows them: its AsyncAPI document lists them by the registry. */
async function offerEngines(select) {
  const { components } = await (await fetch("/asyncapi.json")).json();
  const types = components.messages["event.response"].payload.properties.conversation_type.anyOf[0].enum;
  for (const type of types) select.append(new Option(type.replaceAll("_", " "), type));
}
