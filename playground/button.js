import { element } from "./element.js";

/** A button with a text label. */
export function button(label, press, className = "") {
  const made = element("button", className, label);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

/** A button with an icon from `icons.css`; the label is its tooltip and accessible name. */
export function iconButton(icon, label, press, className = "") {
  const made = button("", press, `icon ${className}`.trim());
  made.dataset.icon = icon;
  made.title = label;
  made.setAttribute("aria-label", label);
  return made;
}
