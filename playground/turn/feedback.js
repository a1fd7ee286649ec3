import { iconButton } from "../button.js";
import { element } from "../element.js";

/** Thumbs, which are sent at once, and a form to add a comment. `send` gets `{score, comment?, expected?}`. */
export function feedbackView(send) {
  const root = element("div", "feedback");
  const thumbs = [iconButton("up", "Good answer", () => press(1)), iconButton("down", "Bad answer", () => press(-1))];
  show(undefined);

  async function press(score) {
    if (!(await told({ score }))) return;
    show(score);
    const { feedbackForm } = await import("./feedback-form.js"); // rarely used, so loaded on demand
    root.replaceChildren(feedbackForm((rest) => told({ score, ...rest }), close));
    root.querySelector("textarea").focus();
  }

  function show(score) {
    for (const [index, thumb] of thumbs.entries()) thumb.setAttribute("aria-pressed", score === [1, -1][index]);
  }

  async function told(verdict) {
    try {
      await send(verdict);
      return true;
    } catch (refusal) {
      root.replaceChildren(said("alert", refusal.message));
      return false;
    }
  }

  function close(words) {
    const focused = thumbs.find((thumb) => thumb.ariaPressed === "true");
    root.replaceChildren(...(words ? [said("status", words)] : []));
    focused?.focus();
  }

  return { root, thumbs };
}

function said(role, words) {
  const line = element("p", role === "alert" ? "refusal" : "quiet", words);
  line.setAttribute("role", role);
  return line;
}
