import { iconButton } from "../button.js";
import { copyButton } from "../copy-button.js";
import { element } from "../element.js";
import { feedbackView } from "./feedback.js";

/** What can be done with a turn that is over. */
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
  row.setAttribute("aria-label", "This turn");
  return element("div", "", row, feedback.root);
}

/** For the workbench. */
function select(turnId) {
  document.dispatchEvent(new CustomEvent("turn-selected", { detail: { turnId } }));
}
