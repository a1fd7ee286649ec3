import { isComposing } from "../composing.js";

/** Makes Tab indent. After Escape, Tab leaves the field as usual. */
export function indenting(field) {
  let leaves = false;
  field.addEventListener("blur", () => {
    leaves = false;
  });
  field.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    const isTab = event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !leaves;
    if (event.key === "Escape") leaves = true;
    if (event.key !== "Escape" && !isTab) return;
    event.preventDefault();
    if (isTab) document.execCommand("insertText", false, "  "); // unlike setting `value`, this keeps the undo history
  });
}
