import { iconButton } from "../button.js";
import { copyButton } from "../copy-button.js";
import { element } from "../element.js";
import { feedbackView } from "./feedback.js";

/** The buttons under a finished turn. */
export function actionsView({ turn, acts, answer, edit }) {
  const feedback = feedbackView((verdict) => acts.feedback(turn.id, verdict));
  const editing = iconButton("edit", "Edit the question", () => edit(editing));
  const row = element(
    "div",
    "actions",
    copyButton("Copy answer", answer),
    iconButton("regenerate", "Regenerate", () => acts.regenerate(turn.id)),
    editing,
    ...feedback.thumbs,
    iconButton("inspect", "Inspect in the workbench", () => select(turn.id), "inspect"),
  );
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Turn actions");
  return element("div", "", row, feedback.root);
}

/** Selects the turn in the workbench. */
function select(turnId) {
  document.dispatchEvent(new CustomEvent("turn-selected", { detail: { turnId } }));
}
