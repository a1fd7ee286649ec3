import { button } from "../button.js";
import { element } from "../element.js";
import { sourceField } from "./source-field.js";

/** One prompt of a replay: a checkbox to use its current text, and an editor for that text. */
export function promptChoice(prompts, name, originalHash) {
  const box = element("input", "");
  const state = element("span", "about");
  const edit = button("Edit", () => (field ? shut() : open()));
  const label = element("label", "check", box, element("span", "name", name));
  const root = element("div", "prompt-row", label, state, edit);
  let isRefused = false;
  let field;
  box.type = "checkbox";
  edit.ariaLabel = `Edit ${name}`;
  edit.ariaExpanded = "false";
  box.addEventListener("change", () => {
    isRefused = !box.checked;
  });

  function open() {
    field = sourceField(prompts, name);
    root.append(field.root);
    edit.ariaExpanded = "true";
    field.field.focus();
  }

  function shut() {
    field?.close();
    field?.root.remove();
    field = undefined;
    edit.ariaExpanded = "false";
  }

  function show() {
    const isDraft = prompts.isDraft(name);
    const isOther = isDraft || originalHash !== prompts.file(name).hash;
    box.disabled = !isOther;
    box.checked = isOther && !isRefused;
    state.textContent = isDraft ? "draft" : isOther ? "changed since" : "unchanged";
  }

  return {
    root,
    show,
    shut,
    get isChosen() {
      return box.checked;
    },
    use() {
      isRefused = false;
      show();
    },
  };
}
