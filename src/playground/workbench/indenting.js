/** Tab indents; after Escape it leaves the field, as everywhere else. */
export function indenting(field) {
  let leaves = false;
  field.addEventListener("blur", () => {
    leaves = false;
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leaves = true;
    if (event.key !== "Tab" || event.ctrlKey || event.altKey || event.metaKey || leaves) return;
    event.preventDefault();
    if (event.shiftKey) outdent(field);
    else document.execCommand("insertText", false, "  "); // the one way that leaves undo alone
  });
}

function outdent(field) {
  const { value, selectionStart } = field;
  const lineStart = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const spaces = /^ {0,2}/.exec(value.slice(lineStart))[0].length;
  if (spaces === 0) return;
  field.setSelectionRange(lineStart, lineStart + spaces);
  document.execCommand("delete");
  const caret = Math.max(lineStart, selectionStart - spaces);
  field.setSelectionRange(caret, caret);
}
