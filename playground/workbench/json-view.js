import { element } from "../element.js";

/** A value as JSON, to open and close; short enough, it is open at first. */
export function jsonView(title, value, isOpen = true) {
  const text = element("pre", "", JSON.stringify(value, null, 2) ?? "nothing");
  const details = element("details", "section", element("summary", "", title), text);
  text.tabIndex = 0;
  details.open = isOpen;
  return details;
}
