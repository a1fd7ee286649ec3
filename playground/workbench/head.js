import { button } from "../button.js";
import { element } from "../element.js";

/** The panel's title bar. Its close button is needed on phones, where the panel covers the page. */
export function head(link) {
  const toggle = document.querySelector("#workbench-toggle");
  const lost = element("p", "about", "");
  const close = button("Close", () => {
    toggle.click();
    toggle.focus();
  });
  lost.role = "status";
  link.on("joined", () => lost.replaceChildren());
  link.on("left", () => lost.replaceChildren("Connection lost. This may be out of date."));
  return element("div", "bar", element("h2", "", "Workbench"), lost, close);
}
