import { button } from "../button.js";
import { isComposing } from "../composing.js";
import { element } from "../element.js";
import { offerEngines } from "../engines.js";

const maxCharacters = 2_000;

/** The form for a comment. `send` resolves to true if the feedback was accepted; `close` may show a message instead of the form. */
export function feedbackForm(send, close) {
  const comment = element("textarea");
  comment.rows = 2;
  comment.dir = "auto";
  comment.maxLength = maxCharacters;
  comment.placeholder = "What was good or bad?";
  comment.setAttribute("aria-label", "Comment");
  const expected = element("select");
  expected.append(new Option("this engine was right", ""));
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
    if (event.key !== "Escape" || isComposing(event)) return;
    event.stopPropagation();
    close();
  });
  return root;
}
