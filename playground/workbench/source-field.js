import { element } from "../element.js";
import { indenting } from "./indenting.js";

/** The delay after the last keystroke. */
const checkAfterMs = 300;
let fields = 0;

/** A text field for a prompt or its draft, validated while the user types. */
export function sourceField(prompts, name) {
  const field = element("textarea", "source");
  const verdict = element("p", "verdict");
  const root = element("div", "source-field", field, verdict);
  let timer;
  let checks = 0;
  fields += 1;
  verdict.id = `verdict-${fields}`;
  verdict.role = "status";
  field.ariaLabel = `Text of the prompt ${name}`;
  field.setAttribute("aria-describedby", verdict.id);
  field.spellcheck = false;
  indenting(field);

  function say(state, words) {
    verdict.dataset.state = state;
    verdict.textContent = words;
    field.ariaInvalid = String(state === "invalid");
  }

  async function check() {
    const own = ++checks;
    const isCurrent = () => own === checks;
    try {
      const { hash } = await prompts.check(name, field.value);
      if (isCurrent()) say("valid", `Valid: ${hash}`);
    } catch (refusal) {
      const isInvalid = refusal.code === "invalid_prompt";
      if (isCurrent())
        say(isInvalid ? "invalid" : "unknown", isInvalid ? refusal.message : `Not checked: ${refusal.message}`);
    }
  }

  function show() {
    const source = prompts.source(name);
    if (field.value !== source) field.value = source;
    if (prompts.isDraft(name)) return;
    checks += 1;
    clearTimeout(timer);
    const { fault } = prompts.file(name) ?? {};
    say(fault ? "invalid" : "", fault ?? "");
  }

  field.addEventListener("input", () => {
    prompts.write(name, field.value);
    clearTimeout(timer);
    if (prompts.isDraft(name)) timer = setTimeout(check, checkAfterMs);
  });
  const forget = prompts.onChange(show);
  show();
  if (prompts.isDraft(name)) check();
  return {
    root,
    field,
    say,
    close() {
      forget();
      clearTimeout(timer);
      checks += 1;
    },
  };
}
