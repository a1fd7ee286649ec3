import { button } from "../button.js";
import { element } from "../element.js";

/** Above the tabs: what the panel is, whether it is up to date, and a way out, for on a phone it covers the page. */
export function head(link) {
  const toggle = document.querySelector("#workbench-toggle");
  const lost = element("p", "about", "");
  const close = button("Close", () => {
    toggle.click();
    toggle.focus();
  });
  lost.role = "status";
  link.on("joined", () => lost.replaceChildren());
  link.on("left", () => lost.replaceChildren("Connection lost: this may be old."));
  return element("div", "bar", element("h2", "", "Workbench"), lost, close);
}
