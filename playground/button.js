import { element } from "./element.js";

/** A button that says what it does. */
export function button(label, press, className = "") {
  const made = element("button", className, label);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

/** A button that shows a sign of `icons.css`, and says what it does to whoever asks. */
export function iconButton(icon, label, press, className = "") {
  const made = button("", press, `icon ${className}`.trim());
  made.dataset.icon = icon;
  made.title = label;
  made.setAttribute("aria-label", label);
  return made;
}
