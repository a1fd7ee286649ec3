import { button } from "../button.js";
import { element } from "../element.js";
import { conflictView } from "./conflict-view.js";
import { badge } from "./prompt-list.js";
import { sourceField } from "./source-field.js";

/** An editor for a prompt file. If the server does not allow saving, the text is only a draft for replays. */
export function promptEditor(prompts, name, { replayWith, back }) {
  const source = sourceField(prompts, name);
  const title = element("h3", "", name);
  const badges = element("span", "badges");
  const description = element("p", "about");
  const fault = element("p", "problem");
  const conflict = conflictView(prompts, name, save);
  const saving = button("Save", save, "primary");
  const replaying = button("Use as draft for replay", () => replayWith(name));
  const reverting = button("Revert", () => prompts.revert(name));
  const hint = element("p", "hint", "Tab indents. Press Esc, then Tab to leave the field.");
  const root = element(
    "div",
    "prompt-editor",
    element(
      "div",
      "toolbar",
      button("← All prompts", () => back(name)),
      title,
      badges,
    ),
    description,
    fault,
    conflict.root,
    source.root,
    element("div", "choices", saving, replaying, reverting),
    hint,
  );
  saving.title = "Ctrl+S or ⌘S";

  async function save() {
    if (saving.disabled) return;
    try {
      await prompts.save(name);
      source.say("saved", "Saved. The next answer will use it.");
    } catch (refusal) {
      source.say(refusal.code === "invalid_prompt" ? "invalid" : "unknown", refusal.message);
    }
  }

  function show() {
    const file = prompts.file(name);
    if (!file) return;
    const isDraft = prompts.isDraft(name);
    const variables = file.variables.map((variable) => `{{${variable}}}`).join(", ");
    badges.replaceChildren(element("code", "hash", file.hash), ...(isDraft ? [badge("draft", "draft")] : []));
    description.textContent = `${file.description}${variables ? ` Required variables: ${variables}.` : ""}`;
    fault.textContent = file.fault
      ? `The file on disk is invalid, so the last valid version is in use: ${file.fault}`
      : "";
    fault.hidden = !file.fault;
    saving.hidden = !prompts.canEdit;
    replaying.classList.toggle("primary", !prompts.canEdit);
    for (const press of [saving, replaying, reverting]) press.disabled = !isDraft;
    conflict.show();
  }

  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (prompts.canEdit) save();
  });
  const forget = prompts.onChange(show);
  show();
  return {
    name,
    root,
    focus: () => source.field.focus(),
    close() {
      forget();
      source.close();
    },
  };
}
