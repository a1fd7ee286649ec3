import { button } from "../button.js";
import { isComposing } from "../composing.js";
import { element } from "../element.js";

/** A question that can be edited in place. `save` gets the new text and rejects if the server refuses it. */
export function questionView(query, save) {
  const text = element("p", "question", query);
  const root = element("div", "asked", text);
  text.dir = "auto";
  let editor;

  function close() {
    editor?.remove();
    editor = undefined;
    text.hidden = false;
  }

  return {
    root,
    show(content) {
      text.textContent = content;
    },
    /** Opens the editor. `back` gets the focus if the user cancels. */
    edit(back) {
      if (editor) return;
      editor = questionEditor(text.textContent, save, () => {
        close();
        back?.focus();
      });
      text.hidden = true;
      root.append(editor);
      editor.querySelector("textarea").focus();
    },
  };
}

function questionEditor(content, save, close) {
  const field = element("textarea");
  field.defaultValue = content;
  field.dir = "auto";
  field.setAttribute("aria-label", "Your question");
  const problem = element("p", "refusal");
  problem.setAttribute("role", "alert");

  async function submit() {
    const wanted = field.value.trim();
    if (!wanted || wanted === content) return close();
    try {
      await save(wanted);
    } catch (refusal) {
      problem.textContent = refusal.message;
    }
  }

  const note = element("span", "quiet", "Later turns will be removed from the conversation.");
  const row = element("div", "row", note, button("Cancel", close), button("Ask again", submit, "primary"));
  const root = element("div", "question-editor", field, problem, row);
  root.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === field && !event.shiftKey) submit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return root;
}
