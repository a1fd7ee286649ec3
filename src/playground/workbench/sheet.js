import { button } from "../button.js";
import { element } from "../element.js";

const kept = "workbench_open";

/** The panel itself: opened and closed by the header's button; on a phone it covers the page. */
export function sheet(link, { opened }) {
  const root = document.querySelector("#workbench");
  const toggle = document.querySelector("#workbench-toggle");
  const lost = element("p", "lost", "The connection to the server is lost. What is shown may be old.");
  lost.hidden = true;
  lost.setAttribute("role", "status");
  const heading = element("h2", "", "Workbench");
  const close = button("Close", () => show(false, true));
  root.append(element("div", "bar", heading, close), lost);

  function show(isShown, isByHand) {
    root.hidden = !isShown;
    toggle.setAttribute("aria-expanded", String(isShown));
    sessionStorage.setItem(kept, isShown ? "yes" : "no");
    if (isShown) opened();
    if (isByHand) (isShown ? close : toggle).focus();
  }

  toggle.addEventListener("click", () => show(root.hidden, true));
  root.addEventListener("keydown", ({ key, target }) => {
    if (key === "Escape" && !target.matches("textarea, input, select")) show(false, true);
  });
  link.on("joined", () => {
    lost.hidden = true;
    if (!toggle.hidden) return;
    toggle.hidden = false;
    if (sessionStorage.getItem(kept) === "yes") show(true, false);
  });
  link.on("left", () => {
    lost.hidden = false;
  });
  return root;
}
