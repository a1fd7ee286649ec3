import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";

import type { Problem } from "../../../src/workbench/wire/prompts.ts";
import { type Known, promptCompletions } from "./completions.ts";
import { promptLanguage } from "./language.ts";
import { look } from "./look.ts";
import { typingOver } from "./typing-over.ts";

interface EditorOptions {
  text: string;
  /** The accessible name. */
  label: string;
  known: () => Known;
  changed: (text: string) => void;
  /** Ctrl+S or ⌘S. */
  save: () => void;
}

export interface PromptEditor {
  setText(text: string): void;
  setProblems(problems: readonly Problem[]): void;
  /** Moves the cursor to where a problem begins. */
  goTo(problem: Problem): void;
  focus(): void;
  close(): void;
}

/**
 * An editor for a prompt's text. It lives in a shadow root: there, CodeMirror adopts style sheets instead of writing a `style` element,
 * which the page's policy forbids.
 */
export function promptEditor(host: HTMLElement, { text, label, known, changed, save }: EditorOptions): PromptEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  let isSetting = false;
  const saving = () => {
    save();
    return true;
  };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        EditorView.lineWrapping,
        EditorState.tabSize.of(2),
        closeBrackets(),
        EditorState.languageData.of(() => [{ closeBrackets: { brackets: ["{"] } }]),
        typingOver,
        promptLanguage(() => known().variables),
        autocompletion({ override: [promptCompletions(known)], icons: false }),
        look,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
        keymap.of([
          { key: "Mod-s", preventDefault: true, run: saving },
          ...completionKeymap,
          ...historyKeymap,
          ...lintKeymap,
          ...defaultKeymap,
          indentWithTab, // after Escape, Tab leaves the editor
        ]),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged && !isSetting) changed(state.doc.toString());
        }),
      ],
    }),
  });

  return {
    setText(next) {
      if (next === view.state.doc.toString()) return;
      isSetting = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      isSetting = false;
    },
    setProblems(problems) {
      const diagnostics = problems.map((problem) => diagnosticOf(problem, view.state.doc));
      view.dispatch(setDiagnostics(view.state, diagnostics));
      view.contentDOM.setAttribute("aria-invalid", String(problems.length > 0));
    },
    goTo({ line, column }) {
      view.dispatch({ selection: { anchor: offsetOf(line, column, view.state.doc) }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}

/** The text may have changed since it was checked. */
function offsetOf(line: number, column: number, doc: Text): number {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(from + column - 1, to);
}

function diagnosticOf({ message, line, column, end_line, end_column }: Problem, doc: Text): Diagnostic {
  const from = offsetOf(line, column, doc);
  const to = Math.max(from, offsetOf(end_line, end_column, doc));
  return { from, to, message, severity: "error" };
}
