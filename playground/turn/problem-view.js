import { button } from "../button.js";
import { element } from "../element.js";

/**
 * Why a turn failed, with a button that asks again; `retry` returns a promise. `operator` is there only for who runs the server. `isNew`: it
 * has failed just now.
 */
export function problemView({ message, code, operator }, { retry, isNew = false }) {
  const words = element("p", "", message, code ? element("span", "code", code) : "");
  if (isNew) words.setAttribute("role", "alert");
  const again = button("Retry", press, "retry");

  async function press() {
    again.disabled = true;
    await retry();
    again.disabled = false;
  }

  return element("div", "problem", words, operator ? operatorView(operator) : "", again);
}

function operatorView({ message, help, model, address, status }) {
  const facts = [model, address, status && `status ${status}`].filter(Boolean).join(" · ");
  const lines = [
    help && element("p", "help", help),
    element("p", "said", "The model server: ", element("q", "", message)),
    facts && element("p", "facts-line", facts),
  ];
  return element("div", "operator", ...lines.filter(Boolean));
}
