import { element } from "../element.js";

/** A collapsible JSON value. */
export function jsonView(title, value, isOpen = true) {
  const text = element("pre", "", JSON.stringify(value, null, 2) ?? "none");
  const details = element("details", "section", element("summary", "", title), text);
  text.tabIndex = 0;
  details.open = isOpen;
  return details;
}
