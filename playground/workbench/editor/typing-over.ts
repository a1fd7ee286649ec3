import { insertBracket } from "@codemirror/autocomplete";
import { EditorView } from "@codemirror/view";

/**
 * Replaces a selection with what is typed. Left to the browser, Chromium would copy the style of the old text into a `style` attribute,
 * which the page's policy forbids.
 */
export const typingOver = EditorView.domEventHandlers({
  beforeinput({ inputType, data, isComposing }, view) {
    const { state } = view;
    if (inputType !== "insertText" || !data || isComposing || view.composing || state.selection.main.empty)
      return false;
    const replaced = { ...state.replaceSelection(data), scrollIntoView: true, userEvent: "input.type" };
    view.dispatch(insertBracket(state, data) ?? state.update(replaced));
    return true;
  },
});
