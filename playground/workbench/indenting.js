/** Tab indents; after Escape it leaves the field, as everywhere else. */
export function indenting(field) {
  let leaves = false;
  field.addEventListener("blur", () => {
    leaves = false;
  });
  field.addEventListener("keydown", (event) => {
    const isTab = event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !leaves;
    if (event.key === "Escape") leaves = true;
    if (event.key !== "Escape" && !isTab) return;
    event.preventDefault();
    if (isTab) document.execCommand("insertText", false, "  "); // the one way that leaves undo alone
  });
}
