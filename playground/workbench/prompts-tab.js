import { promptEditor } from "./prompt-editor.js";
import { promptList } from "./prompt-list.js";

/** The list of prompt files, or an editor for one of them. */
export function promptsTab(pane, { prompts, replayWith }) {
  const list = promptList(prompts, open);
  let editor;

  function open(name) {
    editor = promptEditor(prompts, name, { replayWith, back });
    pane.replaceChildren(editor.root);
    editor.focus();
  }

  function back(name) {
    editor.close();
    editor = undefined;
    pane.replaceChildren(list.root);
    list.focus(name);
  }

  prompts.onChange(() => editor && !prompts.file(editor.name) && back());
  pane.append(list.root);
}
