import { button, iconButton } from "../button.js";
import { element } from "../element.js";
import { offerEngines } from "../engines.js";

const mostCharacters = 2_000;

/** Thumbs, which count at once, and what one may add to them. `send` gets the verdict: `{score, comment?, expected?}`. */
export function feedbackView(send) {
  const root = element("div", "feedback");
  const thumbs = [iconButton("up", "Good answer", () => press(1)), iconButton("down", "Bad answer", () => press(-1))];
  show(undefined);

  async function press(score) {
    if (!(await told({ score }))) return;
    show(score);
    root.replaceChildren(more((rest) => told({ score, ...rest }), close));
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

function more(send, close) {
  const comment = element("textarea");
  comment.rows = 2;
  comment.maxLength = mostCharacters;
  comment.placeholder = "What was good, what was not?";
  comment.setAttribute("aria-label", "Comment");
  const expected = element("select");
  expected.append(new Option("the engine was right", ""));
  offerEngines(expected);
  const label = element("label", "", "Should have been answered by ", expected);

  async function submit() {
    const words = comment.value.trim();
    const rest = { ...(words && { comment: words }), ...(expected.value && { expected: expected.value }) };
    if (await send(rest)) close("Thank you.");
  }

  const row = element(
    "div",
    "row",
    label,
    button("Close", () => close()),
    button("Send", submit, "primary"),
  );
  const root = element("div", "feedback-more", comment, row);
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  return root;
}

function said(role, words) {
  const line = element("p", role === "alert" ? "refusal" : "quiet", words);
  line.setAttribute("role", role);
  return line;
}
