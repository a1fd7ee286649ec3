import { element } from "./element.js";

/** Renders a JSON value: arrays as lists, objects as description lists, everything else as text. */
export function valueView(value) {
  if (Array.isArray(value)) {
    if (value.length === 0) return element("span", "nothing", "none");
    return element("ol", "", ...value.map((item) => element("li", "", valueView(item))));
  }
  if (typeof value === "object" && value !== null) return termsView(Object.entries(value));
  const text = element("span", "text", value === null || value === undefined || value === "" ? "none" : String(value));
  text.dir = "auto";
  return text;
}

/** Renders pairs of a name and a value as a description list. */
export function termsView(pairs) {
  const rows = pairs.map(([name, value]) =>
    element("div", "", element("dt", "", name.replaceAll("_", " ")), element("dd", "", valueView(value))),
  );
  return element("dl", "", ...rows);
}
