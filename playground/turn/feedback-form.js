import { button } from "../button.js";
import { element } from "../element.js";
import { offerEngines } from "../engines.js";

const mostCharacters = 2_000;

/** What one may add to a thumb; `send` says whether it was taken, `close` may say something in the form's place. */
export function feedbackForm(send, close) {
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
